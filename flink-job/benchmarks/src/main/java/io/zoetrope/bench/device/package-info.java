/** Devices and loops to compare with: the raw loop with its best batch sizes, and devices that only sleep. */
@NullMarked
package io.zoetrope.bench.device;

import org.jspecify.annotations.NullMarked;
