package io.zoetrope.flink;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record for one of the answer topics.
 *
 * @param kind the kind of the answer, which selects the topic
 * @param key the record's key; null if it has none
 * @param value the record's value
 * @param headers the record's headers
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes the arrays as they are; nothing compares answers
public record KafkaAnswer(Kind kind, byte @Nullable [] key, byte[] value, List<KafkaHeader> headers) {
    /** The kind of an answer. Each kind has its own topic. */
    public enum Kind {
        /** A segment of a video, for the videos topic. */
        VIDEO,
        /** A failure, for the failures topic. */
        FAILURE
    }
}
