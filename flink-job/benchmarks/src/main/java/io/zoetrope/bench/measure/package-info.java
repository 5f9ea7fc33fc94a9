/** The measurements, one per class. */
@NullMarked
package io.zoetrope.bench.measure;

import org.jspecify.annotations.NullMarked;
