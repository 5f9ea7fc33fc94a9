package io.zoetrope.flink;

import io.zoetrope.prompt.Origin;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.wire.RegistryFraming;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A record of the prompts topic, as bytes. Streams and state hold these bytes and not a decoded form, so a savepoint
 * can be restored after any change of our classes. {@link Admit} reads the request id once and adds it to the event, so
 * the shuffle by request id does not decode the record again.
 *
 * @param topic the Kafka topic that the record was read from
 * @param partition the partition of the topic
 * @param offset the offset in the partition
 * @param key the key of the record; null if it has none
 * @param value the value of the record; null for a tombstone
 * @param trace the headers of the record that the job keeps, see {@link KeptHeaders}; null in state from before 0.1.0
 * @param requestId the id of the request; null before admission, and in state from before 0.1.0
 * @param fault why the record was not read: it is above the job's limits, or the schema registry refused its schema id or
 *     did not answer; null for every other record, and in state from 0.1.0
 * @param sentMillis the timestamp of the record, in milliseconds since the epoch, by which {@link Routing} chooses the
 *     version of its model; null in state from 0.1.0
 * @param schemaId the id in the registry framing that the record had; the value is then in single-object encoding, so
 *     that no later step needs the registry. If there is a fault too, the registry did not answer, and the value is
 *     unchanged. Null for every other record, and in state from 0.1.0
 */
@SuppressWarnings("ArrayRecordComponent") // Flink serializes the arrays as they are; nothing compares events
public record KafkaEvent(
        String topic,
        int partition,
        long offset,
        byte @Nullable [] key,
        byte @Nullable [] value,
        @Nullable List<KafkaHeader> trace,
        @Nullable String requestId,
        @Nullable String fault,
        @Nullable Long sentMillis,
        @Nullable Integer schemaId) {
    /** Creates the event of a record that was read, without its timestamp. */
    public KafkaEvent(
            String topic,
            int partition,
            long offset,
            byte @Nullable [] key,
            byte @Nullable [] value,
            @Nullable List<KafkaHeader> trace,
            @Nullable String requestId) {
        this(topic, partition, offset, key, value, trace, requestId, null, null, null);
    }

    /** Returns the headers that the job keeps; none if the event comes from state that has no such field. */
    @Override
    public List<KafkaHeader> trace() {
        return Objects.requireNonNullElse(trace, List.of());
    }

    /**
     * Returns the id of the request. Reads it from the record if the event does not carry it.
     *
     * @throws io.zoetrope.failure.RequestException INVALID_EVENT if it has to be read and cannot be
     */
    @Override
    public String requestId() {
        return requestId != null ? requestId : EventReader.requestId(this).value();
    }

    /** Returns the id that the admission put beside the event; empty if it did not. Reads nothing. */
    Optional<RequestId> admittedId() {
        return Optional.ofNullable(requestId).map(RequestId::new);
    }

    /**
     * Returns this event with its request id added.
     *
     * @throws io.zoetrope.failure.RequestException INVALID_EVENT if the record has no valid request id, is not one
     *     whole event, or has a key other than its request id
     */
    KafkaEvent admitted() {
        return new KafkaEvent(
                topic,
                partition,
                offset,
                key,
                value,
                trace,
                EventReader.requestId(this).value(),
                null,
                sentMillis,
                schemaId);
    }

    /** Returns the event of a record in registry framing, with its value in single-object encoding. */
    KafkaEvent unframed(byte[] header) {
        byte[] framed = Objects.requireNonNull(value, "a tombstone has no framing");
        int id = RegistryFraming.schemaId(framed);
        byte[] plain = RegistryFraming.toSingleObject(framed, header);
        return new KafkaEvent(topic, partition, offset, key, plain, trace, requestId, null, sentMillis, id);
    }

    /** Returns the event of a record in registry framing whose schema id is refused. */
    KafkaEvent refused(String reason) {
        return new KafkaEvent(topic, partition, offset, key, value, trace, requestId, reason, sentMillis, null);
    }

    /** Returns the event of a record in registry framing if the registry did not answer. */
    KafkaEvent unresolved(String reason) {
        int id = RegistryFraming.schemaId(Objects.requireNonNull(value, "a tombstone has no framing"));
        return new KafkaEvent(topic, partition, offset, key, value, trace, requestId, reason, sentMillis, id);
    }

    /** Returns the record's value as it was read from the topic; null for a tombstone. */
    private byte @Nullable [] readValue() {
        if (value == null || schemaId == null || fault != null) {
            return value;
        }
        return RegistryFraming.ofSingleObject(value, schemaId);
    }

    /** Returns whether the record cancels a request. */
    boolean isTombstone() {
        return value == null;
    }

    /** Returns the record's position in the topic, for logs and errors: {@code topic-partition@offset}. */
    public String position() {
        return topic + "-" + partition + "@" + offset;
    }

    /** Returns the position and the bytes of the record, which a failure returns to the sender. */
    Origin origin() {
        return new Origin(
                topic,
                partition,
                offset,
                Optional.ofNullable(key).map(ByteBuffer::wrap),
                Optional.ofNullable(readValue()).map(ByteBuffer::wrap));
    }
}
