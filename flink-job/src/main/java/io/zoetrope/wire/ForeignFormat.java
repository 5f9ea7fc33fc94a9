package io.zoetrope.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.avro.Schema;

/** Names the format of bytes that do not start with the header of single-object encoding, for an error message. */
final class ForeignFormat {
    private static final byte[] SWAPPED_MARKER = {0x01, (byte) 0xC3};
    private static final byte[] CONTAINER_FILE = {'O', 'b', 'j', 1};
    /** The length of the framing of Glue's registry: a version, a compression, and a schema id of 16 bytes. */
    private static final int GLUE_LENGTH = 18;

    private static final byte GLUE_VERSION = 3;
    private static final byte GLUE_PLAIN = 0;
    private static final byte GLUE_COMPRESSED = 5;

    private ForeignFormat() {}

    /** Returns what the bytes are, in parentheses and after a space; an empty text if that is not known. */
    static String hint(byte[] bytes, Schema schema) {
        return name(bytes, schema).map(name -> " (" + name + ")").orElse("");
    }

    private static Optional<String> name(byte[] bytes, Schema schema) {
        if (isWithoutHeader(bytes, schema)) {
            return Optional.of("this is the record without the header of 10 bytes; put the header in front of it");
        }
        if (startsWith(bytes, SWAPPED_MARKER)) {
            return Optional.of("the marker has the wrong byte order");
        }
        if (RegistryFraming.matches(bytes)) {
            return Optional.of("this is registry framing, with the schema id "
                    + RegistryFraming.schemaId(bytes)
                    + "; start the job with schema-registry, or send the record without a registry's serializer");
        }
        if (bytes.length >= GLUE_LENGTH
                && bytes[0] == GLUE_VERSION
                && (bytes[1] == GLUE_PLAIN || bytes[1] == GLUE_COMPRESSED)) {
            return Optional.of("this is registry framing of AWS Glue; send the record without its serializer");
        }
        if (startsWith(bytes, CONTAINER_FILE)) {
            return Optional.of("this is an Avro container file; send the record alone");
        }
        String text = new String(bytes, 0, Math.min(bytes.length, 64), StandardCharsets.UTF_8).strip();
        return text.startsWith("{") || text.startsWith("[") ? Optional.of("this is JSON") : Optional.empty();
    }

    private static boolean isWithoutHeader(byte[] bytes, Schema schema) {
        try {
            return !RecordScan.scan(schema, ByteBuffer.wrap(bytes)).isEmpty();
        } catch (MalformedRecordException e) {
            return false;
        }
    }

    private static boolean startsWith(byte[] bytes, byte[] start) {
        return bytes.length >= start.length && Arrays.equals(bytes, 0, start.length, start, 0, start.length);
    }
}
