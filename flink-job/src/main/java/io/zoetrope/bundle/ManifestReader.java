package io.zoetrope.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The strict reader of {@code manifest.json}: it requires every field of the manifest's format and allows no other. */
final class ManifestReader {
    private static final List<String> PRECISIONS = List.of("float32", "float16", "bfloat16", "int8");
    private static final int MOST_FRAMES_A_SECOND = 240;
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    /** The deepest nesting of objects and lists; the format itself needs 5. */
    private static final int MOST_NESTING = 32;

    /** The part of the parser's messages that names its classes, settings and the start of the text. */
    private static final Pattern PARSER_DETAIL = Pattern.compile(
            "( \\(start marker|: enable| \\(bound as| \\(\\d+, from `|:? was expecting| at \\[Source).*",
            Pattern.DOTALL);

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MOST_NESTING)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ManifestReader() {}

    /**
     * Reads a manifest; empty if it is not JSON or has another format. In place of a field with a fault, the manifest
     * holds a placeholder.
     */
    static Optional<Manifest> read(byte[] json, List<String> faults) {
        JsonNode document;
        try {
            // Decodes the bytes itself: the parser would also accept UTF-16 and a byte order mark.
            document = MAPPER.readTree(
                    UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString());
        } catch (CharacterCodingException e) {
            faults.add(Manifest.FILE + ": expected text in UTF-8, got other bytes");
            return Optional.empty();
        } catch (JsonProcessingException e) {
            faults.add(
                    Manifest.FILE + ": expected one JSON object that is nested at most " + MOST_NESTING + " deep, got "
                            + PARSER_DETAIL.matcher(e.getOriginalMessage()).replaceFirst("") + place(e.getLocation()));
            return Optional.empty();
        }
        JsonNode format = document.path("format");
        if (format.isIntegralNumber() && (!format.isInt() || !Range.FORMAT.contains(format.asInt()))) {
            faults.add(Manifest.FILE + ": format: this release reads 1 and 2, the bundle has " + format);
            return Optional.empty();
        }
        return Optional.of(Fields.read(document, faults, format.asInt() == 2 ? Format2::manifest : Format1::manifest));
    }

    private static String place(@Nullable JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    static GraphFile graph(Fields fields) {
        return new GraphFile(
                // ONNX Runtime chooses the format by the file's name. External data are checked only in the format of
                // this name.
                new DigestedFile(
                        fields.text(
                                "file",
                                name -> TextRule.PATH.accepts(name) && name.endsWith(".onnx"),
                                TextRule.PATH.expected() + ", with a name in .onnx"),
                        sha256(fields)),
                fields.objects("external_data", ManifestReader::file),
                fields.objectsByName("inputs", ManifestReader::tensor),
                fields.objectsByName("outputs", ManifestReader::tensor),
                fields.whole("max_batch", Range.BATCH),
                fields.text("precision", PRECISIONS::contains, "one of " + PRECISIONS));
    }

    static DigestedFile file(Fields fields) {
        return new DigestedFile(fields.text("file", TextRule.PATH), sha256(fields));
    }

    static String sha256(Fields fields) {
        return fields.text("sha256", value -> SHA_256.matcher(value).matches(), "64 lower-case hex digits");
    }

    /** Reads the scale of each channel, by which training divides. */
    static List<Double> scale(Fields fields) {
        List<Double> scale = fields.numbers("scale");
        if (scale.stream().anyMatch(number -> number.floatValue() == 0)) {
            fields.fault("scale", "numbers other than 0");
        }
        return scale;
    }

    /** Reads the numerator and the denominator of the frames a second. */
    static int[] frameRate(Fields fields) {
        int num = fields.whole("num", Range.FRAME_RATE_PART);
        int den = fields.whole("den", Range.FRAME_RATE_PART);
        if (num < den || num > MOST_FRAMES_A_SECOND * (long) den) {
            fields.fault("num", "1 to " + MOST_FRAMES_A_SECOND + " frames a second, num / den with den = " + den);
        }
        return new int[] {num, den};
    }

    static TensorSpec tensor(Fields fields) {
        String dtype =
                fields.text("dtype", name -> DataType.of(name).isPresent(), "one of " + List.of(DataType.values()));
        return new TensorSpec(DataType.of(dtype).orElse(DataType.FLOAT32), fields.axes("shape"));
    }
}
