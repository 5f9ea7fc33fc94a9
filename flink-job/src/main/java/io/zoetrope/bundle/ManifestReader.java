package io.zoetrope.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The strict reader of {@code manifest.json}: it requires every field of the manifest's format and allows no other. */
final class ManifestReader {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final JsonMapper MAPPER = JsonMapper.builder()
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
            document = MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            faults.add(Manifest.FILE + ": expected JSON, got " + e.getOriginalMessage() + " at line "
                    + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr());
            return Optional.empty();
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
        JsonNode format = document.path("format");
        if (format.isInt() && format.asInt() != 1 && format.asInt() != 2) {
            faults.add(Manifest.FILE + ": format: this release reads 1 and 2, the bundle has " + format);
            return Optional.empty();
        }
        return Optional.of(Fields.read(document, faults, format.asInt() == 2 ? Format2::manifest : Format1::manifest));
    }

    static GraphFile graph(Fields fields) {
        return new GraphFile(
                // ONNX Runtime chooses the format by the file's name. External data are checked only in the format of
                // this name.
                new DigestedFile(
                        fields.text("file", name -> name.endsWith(".onnx"), "a name in .onnx"), sha256(fields)),
                fields.objects("external_data", ManifestReader::file),
                fields.objectsByName("inputs", ManifestReader::tensor),
                fields.objectsByName("outputs", ManifestReader::tensor),
                fields.positive("max_batch"),
                fields.text("precision"));
    }

    static DigestedFile file(Fields fields) {
        return new DigestedFile(fields.text("file"), sha256(fields));
    }

    static String sha256(Fields fields) {
        return fields.text("sha256", value -> SHA_256.matcher(value).matches(), "64 lower-case hex digits");
    }

    static TensorSpec tensor(Fields fields) {
        String dtype =
                fields.text("dtype", name -> DataType.of(name).isPresent(), "one of " + List.of(DataType.values()));
        return new TensorSpec(DataType.of(dtype).orElse(DataType.FLOAT32), fields.axes("shape"));
    }
}
