/** What stands in for a device: the raw loop at its best, and one that sleeps. */
@NullMarked
package io.zoetrope.bench.device;

import org.jspecify.annotations.NullMarked;
