package io.zoetrope.flink;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.utils.ByteUtils;
import org.apache.kafka.common.utils.Utils;

/**
 * A header of a Kafka record.
 *
 * @param name the header's key, unchanged
 * @param value the header's value, unchanged
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes the array as it is; nothing compares headers
public record KafkaHeader(String name, byte[] value) {
    /** Returns a header whose value is a text in UTF-8. */
    static KafkaHeader of(String name, String text) {
        return new KafkaHeader(name, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the size of this header in a record: name and value, each with its length in front. */
    int size() {
        int nameBytes = Utils.utf8Length(name);
        return ByteUtils.sizeOfVarint(nameBytes) + nameBytes + ByteUtils.sizeOfVarint(value.length) + value.length;
    }
}
