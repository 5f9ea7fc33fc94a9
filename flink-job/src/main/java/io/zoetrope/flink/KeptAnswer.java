package io.zoetrope.flink;

/**
 * An answer that is not committed yet.
 *
 * @param answer the answer
 * @param acceptedAt the time of its prompt's record in Kafka, in milliseconds since 1970
 */
public record KeptAnswer(KafkaAnswer answer, long acceptedAt) {}
