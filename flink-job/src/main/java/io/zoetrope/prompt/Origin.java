package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * An event as it came, byte for byte: what a failure hands back so that its sender can repair and send it again.
 *
 * @param topic the Kafka topic it was read from
 * @param partition the topic's partition
 * @param offset its place in the partition
 * @param key the record's key as it was; empty if it had none
 * @param value the record's value as it was; empty for a tombstone
 */
public record Origin(String topic, int partition, long offset, Optional<ByteBuffer> key, Optional<ByteBuffer> value) {
    public Origin {
        key = key.map(ByteBuffer::asReadOnlyBuffer);
        value = value.map(ByteBuffer::asReadOnlyBuffer);
    }

    /** A read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> key() {
        return key.map(ByteBuffer::duplicate);
    }

    /** A read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> value() {
        return value.map(ByteBuffer::duplicate);
    }
}
