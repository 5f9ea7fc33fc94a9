package io.zoetrope.planted.onnx;

import org.apache.kafka.common.TopicPartition;

/** An adapter of a model runtime that knows where its input came from. */
public interface SessionImportingKafka {
    void run(TopicPartition source);
}
