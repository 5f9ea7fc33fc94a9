/**
 * A lane runs all stages that are placed on a device, on one thread, from one queue. It batches requests and completes
 * each exactly once. Imports only the JDK; must not import the types of videos, of Flink, or of a model runtime.
 */
@NullMarked
package io.zoetrope.lane;

import org.jspecify.annotations.NullMarked;
