/**
 * The engine that the job calls: it runs each prompt through a model's stages and returns an encoded video. Start
 * reading at {@link io.zoetrope.engine.VideoEngine}. Imports the stages' ports, {@code hosting}, {@code lane} and
 * {@code device}; must not import Flink, Kafka, or an adapter such as {@code onnx}.
 */
@NullMarked
package io.zoetrope.engine;

import org.jspecify.annotations.NullMarked;
