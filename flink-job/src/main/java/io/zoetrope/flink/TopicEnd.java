package io.zoetrope.flink;

/**
 * The end of a partition at some time: the offset that its next record got.
 *
 * @param topic the name of the topic
 * @param topicId Kafka's id of the topic; a topic that is deleted and created again has another one
 * @param partition the number of the partition
 * @param offset the offset
 */
public record TopicEnd(String topic, String topicId, int partition, long offset) {}
