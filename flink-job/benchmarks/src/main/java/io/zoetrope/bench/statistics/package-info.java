/** Interleaved rounds, rates, and medians with their intervals. */
@NullMarked
package io.zoetrope.bench.statistics;

import org.jspecify.annotations.NullMarked;
