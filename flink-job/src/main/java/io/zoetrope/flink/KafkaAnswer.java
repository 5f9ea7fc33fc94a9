package io.zoetrope.flink;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way to one of the answer topics.
 *
 * @param kind which of them
 * @param key the record's key; null if it has none
 * @param value the record's value
 * @param headers the record's headers
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes the arrays as they are; nothing compares answers
public record KafkaAnswer(Kind kind, byte @Nullable [] key, byte[] value, List<KafkaHeader> headers) {
    /** Where an answer goes. */
    public enum Kind {
        /** A segment, to the videos topic. */
        VIDEO,
        /** A failure, to the failures topic. */
        FAILURE
    }
}
