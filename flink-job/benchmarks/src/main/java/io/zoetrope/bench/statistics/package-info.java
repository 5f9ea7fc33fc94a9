/** Sides in turn, medians and their intervals. */
@NullMarked
package io.zoetrope.bench.statistics;

import org.jspecify.annotations.NullMarked;
