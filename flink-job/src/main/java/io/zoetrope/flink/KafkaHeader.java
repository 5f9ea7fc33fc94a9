package io.zoetrope.flink;

import java.nio.charset.StandardCharsets;

/**
 * A header of a Kafka record.
 *
 * @param name as it was written
 * @param value its bytes, as they came
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes the array as it is; nothing compares headers
public record KafkaHeader(String name, byte[] value) {
    /** A header with a text. */
    static KafkaHeader of(String name, String text) {
        return new KafkaHeader(name, text.getBytes(StandardCharsets.UTF_8));
    }
}
