/** Fixed arrivals, and the ideal that they are held against. */
@NullMarked
package io.zoetrope.bench.simulation;

import org.jspecify.annotations.NullMarked;
