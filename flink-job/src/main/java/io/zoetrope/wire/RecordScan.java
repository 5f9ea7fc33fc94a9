package io.zoetrope.wire;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.apache.avro.Schema;

/**
 * Checks the bytes of a record against its schema before any memory is allocated for the record.
 *
 * <p>Avro's decoder allocates memory for a declared length without checking it, accepts text that is not valid UTF-8,
 * and ignores bytes after the record. This scan guarantees that the bytes of every declared length exist.
 */
final class RecordScan {
    /** The longest encodings that Avro's decoder accepts: of a long, and of an int or a union's branch. */
    private static final int MAX_LONG_BYTES = 10;

    private static final int MAX_INT_BYTES = 5;

    /** The number of characters that are checked at a time, so that a long text takes no memory. */
    private static final int CHECKED_CHARACTERS = 1024;

    private final ByteBuffer bytes;
    private final MapLimits limits;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private final CharBuffer checked = CharBuffer.allocate(CHECKED_CHARACTERS);
    private String field = "";
    private String firstText = "";
    private boolean textSeen;

    private RecordScan(ByteBuffer bytes, MapLimits limits) {
        this.bytes = bytes;
        this.limits = limits;
    }

    /** Checks that the remaining bytes are exactly one record, with maps of any size. */
    static String scan(Schema schema, ByteBuffer bytes) throws MalformedRecordException {
        return scan(schema, bytes, MapLimits.NONE);
    }

    /**
     * Checks that the remaining bytes are exactly one record, with maps within the limits.
     *
     * @return the first text of the record; empty if it has none
     * @throws MalformedRecordException if they are not; the message names the field and the fault
     */
    static String scan(Schema schema, ByteBuffer bytes, MapLimits limits) throws MalformedRecordException {
        RecordScan scan = new RecordScan(bytes.duplicate(), limits);
        scan.value(schema);
        if (scan.bytes.hasRemaining()) {
            throw new MalformedRecordException(scan.bytes.remaining() + " bytes follow the record");
        }
        return scan.firstText;
    }

    private void value(Schema schema) throws MalformedRecordException {
        switch (schema.getType()) {
            case RECORD -> record(schema);
            case UNION -> value(branch(schema));
            case MAP -> map(schema);
            case STRING -> text();
            case BYTES -> skip(length("bytes"));
            case LONG -> varint(MAX_LONG_BYTES);
            case INT -> integer();
            case BOOLEAN -> bool();
            case NULL -> {}
            default ->
                throw new IllegalStateException("the scan does not support the type " + schema.getType()
                        + "; add it to RecordScan before a schema uses it");
        }
    }

    private void record(Schema schema) throws MalformedRecordException {
        for (Schema.Field next : schema.getFields()) {
            field = next.name();
            value(next.schema());
        }
    }

    private Schema branch(Schema union) throws MalformedRecordException {
        long index = varint(MAX_INT_BYTES);
        if (index < 0 || index >= union.getTypes().size()) {
            throw fault("expected branch 0 to " + (union.getTypes().size() - 1) + " of a union, got " + index);
        }
        return union.getTypes().get((int) index);
    }

    /**
     * Scans a map: blocks of entries, each with its count. A negative count is followed by the block's size in bytes.
     */
    private void map(Schema schema) throws MalformedRecordException {
        MapSize size = new MapSize(field, limits);
        for (long count = varint(MAX_LONG_BYTES); count != 0; count = varint(MAX_LONG_BYTES)) {
            if (count < 0) {
                long blockBytes = varint(MAX_LONG_BYTES);
                if (blockBytes < 0) {
                    throw fault("declares a block of " + blockBytes + " bytes");
                }
            }
            // Every entry has at least one byte. Math.abs(Long.MIN_VALUE) overflows, so that count is refused
            // separately.
            if (count == Long.MIN_VALUE || Math.abs(count) > bytes.remaining()) {
                throw fault("declares " + count + " entries, " + bytes.remaining() + " bytes are left");
            }
            for (long entry = Math.abs(count); entry > 0; entry--) {
                int start = bytes.position();
                text();
                int end = bytes.position();
                value(schema.getValueType());
                size.add(bytes.slice(start, end - start), bytes.position() - end);
            }
        }
    }

    private void text() throws MalformedRecordException {
        int length = length("bytes of text");
        ByteBuffer text = bytes.slice(bytes.position(), length);
        try {
            if (textSeen) {
                checkUtf8(text);
            } else {
                textSeen = true;
                firstText = utf8.decode(text).toString();
            }
        } catch (CharacterCodingException e) {
            throw fault("expected text in UTF-8 (" + e.getMessage() + ")");
        }
        skip(length);
    }

    private void checkUtf8(ByteBuffer text) throws CharacterCodingException {
        utf8.reset();
        CoderResult result;
        do {
            result = utf8.decode(text, checked.clear(), true);
            if (result.isError()) {
                result.throwException();
            }
        } while (result.isOverflow());
    }

    private int length(String unit) throws MalformedRecordException {
        long length = varint(MAX_LONG_BYTES);
        if (length < 0 || length > bytes.remaining()) {
            throw fault("declares " + length + " " + unit + ", " + bytes.remaining() + " bytes are left");
        }
        return (int) length;
    }

    private void integer() throws MalformedRecordException {
        long value = varint(MAX_INT_BYTES);
        if (value != (int) value) {
            throw fault("expected a 32-bit number, got " + value);
        }
    }

    private void bool() throws MalformedRecordException {
        int value = next();
        if (value != 0 && value != 1) {
            throw fault("expected 0 or 1 for a boolean, got " + value);
        }
    }

    /** Reads an integer in Avro's variable-length zig-zag encoding. */
    private long varint(int maxBytes) throws MalformedRecordException {
        long raw = 0;
        for (int i = 0; i < maxBytes; i++) {
            int next = next();
            raw |= (next & 0x7FL) << (7 * i);
            if (next < 0x80) {
                return (raw >>> 1) ^ -(raw & 1);
            }
        }
        throw fault("an integer has more than " + maxBytes + " bytes");
    }

    private int next() throws MalformedRecordException {
        if (!bytes.hasRemaining()) {
            throw fault("the record ends here");
        }
        return Byte.toUnsignedInt(bytes.get());
    }

    private void skip(int length) {
        bytes.position(bytes.position() + length);
    }

    private MalformedRecordException fault(String fact) {
        return new MalformedRecordException("at byte " + bytes.position() + ", field " + field + ": " + fact);
    }
}
