package io.zoetrope.wire;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.PromptEvent;
import io.zoetrope.schema.TrustedRecords;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * One kind of record in Avro's single-object encoding: C3 01, the schema's 64-bit fingerprint (little-endian), the
 * record. Safe for many threads at once; what one call fails on does not touch the next.
 */
public final class RecordCodec<T extends SpecificRecord> {
    static {
        TrustedRecords.register();
    }

    /** The records of the prompts topic. */
    public static final RecordCodec<PromptEvent> PROMPT_EVENT =
            new RecordCodec<>(PromptEvent.getClassSchema(), "schemas/prompt_event.avsc");
    /** The records of the videos topic. */
    public static final RecordCodec<VideoSegment> VIDEO_SEGMENT =
            new RecordCodec<>(VideoSegment.getClassSchema(), "schemas/video_segment.avsc");
    /** The records of the failures topic. */
    public static final RecordCodec<FailedPrompt> FAILED_PROMPT =
            new RecordCodec<>(FailedPrompt.getClassSchema(), "schemas/failed_prompt.avsc");

    private static final int HEADER_LENGTH = 10;
    private static final short MARKER = (short) 0xC301;

    private final Schema schema;
    private final String file;
    private final long fingerprint;
    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageDecoder<T> decoder;

    private RecordCodec(Schema schema, String file) {
        SpecificData model = SpecificData.getForSchema(schema);
        this.schema = schema;
        this.file = file;
        this.fingerprint = SchemaNormalization.parsingFingerprint64(schema);
        this.encoder = new BinaryMessageEncoder<>(model, schema);
        this.decoder = new BinaryMessageDecoder<>(model, schema);
    }

    /** The record's bytes, header included. */
    public byte[] encode(T record) {
        try {
            ByteBuffer encoded = encoder.encode(record);
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException("encoding to memory failed", e);
        }
    }

    /**
     * Reads a record. Takes no more memory than a small multiple of the bytes.
     *
     * @throws MalformedRecordException if the bytes are anything but one whole record of this kind
     */
    public T decode(byte[] bytes) throws MalformedRecordException {
        try {
            RecordScan.scan(schema, body(bytes));
            return decoder.decode(bytes);
        } catch (MalformedRecordException e) {
            throw malformed(bytes, String.valueOf(e.getMessage()), e);
        } catch (IOException | AvroRuntimeException e) {
            throw malformed(bytes, e.toString(), e);
        }
    }

    /**
     * Checks a record as {@link #decode} does, and reads only its first field, which must be a string. Copies nothing else.
     *
     * @throws MalformedRecordException if the bytes are anything but one whole record of this kind
     */
    String firstField(byte[] bytes) throws MalformedRecordException {
        try {
            return RecordScan.scan(schema, body(bytes));
        } catch (MalformedRecordException e) {
            throw malformed(bytes, String.valueOf(e.getMessage()), e);
        }
    }

    private ByteBuffer body(byte[] bytes) throws MalformedRecordException {
        if (bytes.length < HEADER_LENGTH) {
            throw new MalformedRecordException("expected a header of 10 bytes, found " + start(bytes));
        }
        if (ByteBuffer.wrap(bytes).getShort() != MARKER) {
            throw new MalformedRecordException("expected the marker c301 at the start, found " + start(bytes));
        }
        long found = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(Short.BYTES);
        if (found != fingerprint) {
            throw new MalformedRecordException(
                    String.format("the schema fingerprint is %016x, known is %016x", found, fingerprint));
        }
        return ByteBuffer.wrap(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH);
    }

    private static String start(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, HEADER_LENGTH));
    }

    private MalformedRecordException malformed(byte[] bytes, String fact, Exception cause) {
        return new MalformedRecordException(
                schema.getName() + " of " + bytes.length + " bytes: " + fact
                        + "; write it with Avro's single-object encoding of " + file,
                cause);
    }
}
