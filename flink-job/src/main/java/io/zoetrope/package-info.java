/**
 * The job as a whole: the pipeline, and the wiring of Flink, the engine and the model runtimes. Start reading at
 * {@link io.zoetrope.VideoPipeline}.
 */
@NullMarked
package io.zoetrope;

import org.jspecify.annotations.NullMarked;
