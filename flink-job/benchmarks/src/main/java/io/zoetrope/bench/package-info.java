/** The benchmarks of the lane and of the job: how fast they are beside the raw device and beside others. */
@NullMarked
package io.zoetrope.bench;

import org.jspecify.annotations.NullMarked;
