/** The job as a whole: where Flink meets the model runtimes. Start reading at {@link io.zoetrope.VideoPipeline}. */
@NullMarked
package io.zoetrope;

import org.jspecify.annotations.NullMarked;
