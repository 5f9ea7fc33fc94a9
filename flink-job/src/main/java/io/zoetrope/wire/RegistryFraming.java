package io.zoetrope.wire;

import java.nio.ByteBuffer;

/**
 * The framing in which serializers of a Confluent schema registry write a record: a zero byte, the id of the schema in 4
 * bytes (big endian), the record. The record is the same as in single-object encoding, so only the header changes.
 */
public final class RegistryFraming {
    private static final byte MAGIC = 0;
    private static final int LENGTH = 5;
    private static final int HEADER_LENGTH = RecordCodec.HEADER_LENGTH;

    private RegistryFraming() {}

    /** Returns whether a value starts as this framing does, which no value in single-object encoding does. */
    public static boolean matches(byte[] value) {
        return value.length >= LENGTH && value[0] == MAGIC;
    }

    /** Returns the schema id of a value in this framing. */
    public static int schemaId(byte[] value) {
        return ByteBuffer.wrap(value).getInt(1);
    }

    /**
     * Converts a value in this framing to single-object encoding.
     *
     * @param header the ten bytes that name the schema of the id
     */
    public static byte[] toSingleObject(byte[] value, byte[] header) {
        return ByteBuffer.allocate(HEADER_LENGTH + value.length - LENGTH)
                .put(header)
                .put(value, LENGTH, value.length - LENGTH)
                .array();
    }

    /** Converts a value in single-object encoding to this framing. */
    public static byte[] ofSingleObject(byte[] value, int schemaId) {
        return ByteBuffer.allocate(LENGTH + value.length - HEADER_LENGTH)
                .put(MAGIC)
                .putInt(schemaId)
                .put(value, HEADER_LENGTH, value.length - HEADER_LENGTH)
                .array();
    }
}
