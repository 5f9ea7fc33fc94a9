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

/** The strict reader of {@code manifest.json}: it requires every field of format 1 and allows no other. */
final class ManifestReader {
    private static final int FORMAT = 1;
    private static final String TIME_TRAVEL = "time-travel";
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
        if (document.path("format").isInt() && document.path("format").asInt() != FORMAT) {
            faults.add(Manifest.FILE + ": format: this release reads " + FORMAT + ", the bundle has "
                    + document.path("format"));
            return Optional.empty();
        }
        return Optional.of(Fields.read(document, faults, ManifestReader::manifest));
    }

    private static Manifest manifest(Fields fields) {
        fields.positive("format");
        String name = fields.text("name");
        String version = fields.text("version");
        String license = fields.text("license");
        TokenizerFile tokenizer = fields.object("tokenizer", ManifestReader::tokenizer);
        GraphFile textEncoder = fields.object("text_encoder", ManifestReader::graph);
        Optional<GraphFile> imageEncoder = fields.optionalObject("image_encoder", ManifestReader::graph);
        GraphFile generator = fields.object("generator", ManifestReader::graph);
        GraphFile decoder = fields.object("decoder", ManifestReader::graph);
        SizedLatents latents = fields.object("latents", ManifestReader::latents);
        return new Manifest(
                name,
                version,
                license,
                tokenizer,
                textEncoder,
                imageEncoder,
                generator,
                decoder,
                latents.layout(),
                fields.objects("samplers", ManifestReader::sampler),
                fields.object("video", video -> video(video, latents)),
                fields.object("provenance", ManifestReader::provenance));
    }

    private static TokenizerFile tokenizer(Fields fields) {
        return new TokenizerFile(file(fields), fields.positive("max_tokens"), fields.positive("pad_to_multiple_of"));
    }

    private static GraphFile graph(Fields fields) {
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

    private static DigestedFile file(Fields fields) {
        return new DigestedFile(fields.text("file"), sha256(fields));
    }

    private static String sha256(Fields fields) {
        return fields.text("sha256", value -> SHA_256.matcher(value).matches(), "64 lower-case hex digits");
    }

    private static TensorSpec tensor(Fields fields) {
        String dtype =
                fields.text("dtype", name -> DataType.of(name).isPresent(), "one of " + List.of(DataType.values()));
        return new TensorSpec(DataType.of(dtype).orElse(DataType.FLOAT32), fields.axes("shape"));
    }

    /** The latents of format 1, which have one size. */
    private record SizedLatents(LatentLayout layout, int frames, int height, int width) {}

    private static SizedLatents latents(Fields fields) {
        int channels = fields.positive("channels");
        int frames = fields.positive("frames");
        int height = fields.positive("height");
        int width = fields.positive("width");
        return new SizedLatents(
                new LatentLayout(
                        channels,
                        fields.positive("spatial_compression"),
                        fields.positive("temporal_compression"),
                        fields.numbers("shift"),
                        fields.numbers("scale")),
                frames,
                height,
                width);
    }

    /** Reads a sampler of format 1, whose timesteps are its noise levels and whose name is its kind. */
    private static SamplerSpec sampler(Fields fields) {
        String name = fields.text("name");
        int steps = fields.positive("steps");
        List<Float> timesteps = fields.numbers("timesteps", steps).stream()
                .map(Double::floatValue)
                .toList();
        if (!timesteps.contains(1f)) {
            fields.fault("timesteps", "a timestep of 1.0, which is noise");
        }
        SamplerSpec.Kind kind = name.equals(TIME_TRAVEL) ? SamplerSpec.Kind.TIME_TRAVEL : SamplerSpec.Kind.RENOISE;
        return new SamplerSpec(name, kind, timesteps, timesteps);
    }

    /** Reads the videos of format 1, which have one size; it has to be that of the latents. */
    private static VideoSpec video(Fields fields, SizedLatents latents) {
        LatentLayout layout = latents.layout();
        int[] rate = fields.object("frame_rate", parts -> new int[] {parts.positive("num"), parts.positive("den")});
        int width = fields.positive("width", "latents.width x spatial_compression", layout.pixels(latents.width()));
        int height = fields.positive("height", "latents.height x spatial_compression", layout.pixels(latents.height()));
        int frames = fields.positive(
                "frame_count", "1 + (latents.frames - 1) x temporal_compression", layout.frames(latents.frames()));
        return new VideoSpec(List.of(new FrameSize(width, height)), List.of(frames), rate[0], rate[1]);
    }

    private static Provenance provenance(Fields fields) {
        return new Provenance(fields.text("recipe"), fields.text("commit"), fields.numbersByName("quality"));
    }
}
