/** The measurements, one a class. */
@NullMarked
package io.zoetrope.bench.measure;

import org.jspecify.annotations.NullMarked;
