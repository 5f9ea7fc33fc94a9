package io.zoetrope.wire;

import io.zoetrope.schema.EarlierSchemas;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.PromptEvent;
import io.zoetrope.schema.SchemaFiles;
import io.zoetrope.schema.TrustedRecords;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.RawMessageDecoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;

/**
 * Encodes and decodes one type of record in Avro's single-object encoding: the bytes C3 01, the schema's 64-bit
 * fingerprint (little-endian), the record. Safe for use by many threads at once. A call that fails does not affect
 * later calls.
 */
public final class RecordCodec<T extends SpecificRecord> {
    static {
        TrustedRecords.register();
    }

    /** The codec of the prompts topic's records. */
    public static final RecordCodec<PromptEvent> PROMPT_EVENT =
            new RecordCodec<>(PromptEvent.getClassSchema(), "schemas/prompt_event.avsc");
    /** The codec of the videos topic's records. */
    public static final RecordCodec<VideoSegment> VIDEO_SEGMENT =
            new RecordCodec<>(VideoSegment.getClassSchema(), "schemas/video_segment.avsc");
    /** The codec of the failures topic's records. */
    public static final RecordCodec<FailedPrompt> FAILED_PROMPT =
            new RecordCodec<>(FailedPrompt.getClassSchema(), "schemas/failed_prompt.avsc");

    /** The length of the header of single-object encoding. */
    static final int HEADER_LENGTH = 10;

    private static final short MARKER = (short) 0xC301;

    private final Schema schema;
    private final String file;
    private final BinaryMessageEncoder<T> encoder;
    /** The schemas that records may have been written with, by every fingerprint that means one of them. */
    private final Map<Long, Writer<T>> writers = new HashMap<>();

    /** A schema that records are written with, and a decoder from it. */
    private record Writer<T>(Schema schema, RawMessageDecoder<T> decoder) {}

    private RecordCodec(Schema schema, String file) {
        SpecificData model = SpecificData.getForSchema(schema);
        this.schema = schema;
        this.file = file;
        this.encoder = new BinaryMessageEncoder<>(model, schema);
        EarlierSchemas.of(schema).forEach(earlier -> addWriter(earlier, model));
        addWriter(schema, model);
    }

    private void addWriter(Schema written, SpecificData model) {
        Writer<T> writer = new Writer<>(written, new RawMessageDecoder<>(model, written, schema));
        CanonicalForms.fingerprints(written).forEach(fingerprint -> writers.put(fingerprint, writer));
    }

    /**
     * Returns the header of records that were written with a schema, which a schema registry holds.
     *
     * @param schemaText the schema as JSON, from anyone
     * @return empty if this codec does not read records of that schema
     */
    public Optional<byte[]> header(String schemaText) {
        try {
            long fingerprint = SchemaNormalization.parsingFingerprint64(new Schema.Parser().parse(schemaText));
            return writers.containsKey(fingerprint)
                    ? Optional.of(ByteBuffer.allocate(HEADER_LENGTH)
                            .putShort(MARKER)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(fingerprint)
                            .array())
                    : Optional.empty();
        } catch (RuntimeException e) { // besides AvroRuntimeException, Avro throws those of the text's nonsense
            return Optional.empty();
        }
    }

    /** Returns the name of the record's type, with its namespace. */
    public String recordName() {
        return schema.getFullName();
    }

    /** Returns the file with the record's schema, in this project. */
    public String file() {
        return file;
    }

    /** Returns the text of the file with the record's schema. */
    public String schemaText() {
        return SchemaFiles.text(file.substring(file.lastIndexOf('/') + 1));
    }

    /** Returns the record's bytes, including the header. */
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
     * Decodes a record. Allocates at most a small multiple of the bytes' length.
     *
     * @throws MalformedRecordException if the bytes are not exactly one record of this type
     */
    public T decode(byte[] bytes) throws MalformedRecordException {
        return decode(bytes, MapLimits.NONE);
    }

    /**
     * Decodes a record whose maps are within the limits; see {@link #decode(byte[])}.
     *
     * @throws MalformedRecordException if the bytes are not exactly one record of this type, or a map is too large
     */
    T decode(byte[] bytes, MapLimits limits) throws MalformedRecordException {
        try {
            Writer<T> writer = writer(bytes);
            RecordScan.scan(writer.schema(), body(bytes), limits);
            return writer.decoder().decode(body(bytes));
        } catch (MapTooLargeException e) {
            throw e;
        } catch (MalformedRecordException | AvroRuntimeException | IOException e) {
            throw malformed(bytes, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Checks a record as {@link #decode(byte[])} does, and reads only its first field, which must be a string. Copies
     * nothing else.
     *
     * @throws MalformedRecordException if the bytes are anything but one whole record of this kind
     */
    String firstField(byte[] bytes) throws MalformedRecordException {
        try {
            return RecordScan.scan(writer(bytes).schema(), body(bytes));
        } catch (MalformedRecordException e) {
            throw malformed(bytes, String.valueOf(e.getMessage()), e);
        }
    }

    private static ByteBuffer body(byte[] bytes) {
        return ByteBuffer.wrap(bytes, HEADER_LENGTH, bytes.length - HEADER_LENGTH);
    }

    /** Returns the schema that the header names. */
    private Writer<T> writer(byte[] bytes) throws MalformedRecordException {
        if (bytes.length < HEADER_LENGTH) {
            throw new MalformedRecordException(
                    "expected a header of 10 bytes, got " + start(bytes) + ForeignFormat.hint(bytes, schema));
        }
        if (ByteBuffer.wrap(bytes).getShort() != MARKER) {
            throw new MalformedRecordException(
                    "expected the marker c301 at the start, got " + start(bytes) + ForeignFormat.hint(bytes, schema));
        }
        long found = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(Short.BYTES);
        Writer<T> writer = writers.get(found);
        if (writer == null) {
            throw new MalformedRecordException(String.format(
                    "expected the schema fingerprint %016x, got %016x%s",
                    SchemaNormalization.parsingFingerprint64(schema), found, otherFingerprint(found)));
        }
        return writer;
    }

    private String otherFingerprint(long found) {
        if (writers.containsKey(Long.reverseBytes(found))) {
            return " (it is in big-endian byte order; put its lowest byte first)";
        }
        return Stream.of(PROMPT_EVENT, VIDEO_SEGMENT, FAILED_PROMPT)
                .filter(codec -> codec.writers.containsKey(found))
                .map(codec -> " (this is a " + codec.schema.getName() + ")")
                .findFirst()
                .orElse("");
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
