/**
 * A lane runs all stages that are placed on a device, on one thread, from one queue. It batches requests and completes
 * each exactly once. Imports nothing but the JDK; must not import a type of a video, of Flink, or of a model runtime.
 */
@NullMarked
package io.zoetrope.lane;

import org.jspecify.annotations.NullMarked;
