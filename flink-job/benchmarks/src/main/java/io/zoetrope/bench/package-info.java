/** The benchmarks of the lane and of the job, which compare them with the raw device and with other systems. */
@NullMarked
package io.zoetrope.bench;

import org.jspecify.annotations.NullMarked;
