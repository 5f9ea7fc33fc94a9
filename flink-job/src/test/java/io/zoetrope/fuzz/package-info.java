/** Fuzz targets: each takes any bytes, and throws an AssertionError if the code under test breaks a promise. */
@NullMarked
package io.zoetrope.fuzz;

import org.jspecify.annotations.NullMarked;
