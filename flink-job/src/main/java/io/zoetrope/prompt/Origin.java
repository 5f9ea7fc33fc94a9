package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The Kafka record from which a request was read, with its unchanged bytes. A failure returns them, so that the sender
 * can correct the event and send it again.
 *
 * @param topic the record's topic
 * @param partition the record's partition
 * @param offset the record's offset in the partition
 * @param key the bytes of the record's key; empty if the record has no key
 * @param value the bytes of the record's value; empty for a tombstone
 */
public record Origin(String topic, int partition, long offset, Optional<ByteBuffer> key, Optional<ByteBuffer> value) {
    public Origin {
        key = key.map(ByteBuffer::asReadOnlyBuffer);
        value = value.map(ByteBuffer::asReadOnlyBuffer);
    }

    /** Returns a read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> key() {
        return key.map(ByteBuffer::duplicate);
    }

    /** Returns a read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> value() {
        return value.map(ByteBuffer::duplicate);
    }
}
