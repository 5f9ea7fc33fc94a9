package io.zoetrope.flink;

import io.zoetrope.prompt.Origin;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record of the prompts topic as it came. Streams and state hold this and no parsed form, so that a savepoint outlives
 * every change of our classes.
 *
 * @param topic the Kafka topic it was read from
 * @param partition the topic's partition
 * @param offset its place in the partition
 * @param key the record's key; null if it has none
 * @param value the record's value; null for a tombstone
 * @param trace its headers that belong to a trace; null in state from before there were any
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes the arrays as they are; nothing compares events
public record KafkaEvent(
        String topic,
        int partition,
        long offset,
        byte @Nullable [] key,
        byte @Nullable [] value,
        @Nullable List<KafkaHeader> trace) {
    /** The headers that belong to a trace; none in an event from state that knew of no traces. */
    @Override
    public List<KafkaHeader> trace() {
        return Objects.requireNonNullElse(trace, List.of());
    }

    /** Whether it withdraws a request. */
    boolean isTombstone() {
        return value == null;
    }

    /** The same, for a failure to hand back. */
    Origin origin() {
        return new Origin(
                topic,
                partition,
                offset,
                Optional.ofNullable(key).map(ByteBuffer::wrap),
                Optional.ofNullable(value).map(ByteBuffer::wrap));
    }
}
