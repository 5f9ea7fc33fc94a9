/** Fixed arrival times, and a simulation of an ideal system to compare with. */
@NullMarked
package io.zoetrope.bench.simulation;

import org.jspecify.annotations.NullMarked;
