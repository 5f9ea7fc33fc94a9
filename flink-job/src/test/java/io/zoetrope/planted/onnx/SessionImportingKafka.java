package io.zoetrope.planted.onnx;

import org.apache.kafka.common.TopicPartition;

/** An adapter of a model runtime that imports Kafka. */
public interface SessionImportingKafka {
    void run(TopicPartition source);
}
