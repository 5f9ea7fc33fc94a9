package io.zoetrope.bundle;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of format 1: one generator, and videos of one size, which the latents have too. */
final class Format1 {
    private static final String GENERATOR = "generator";
    private static final String TIME_TRAVEL = "time-travel";

    private Format1() {}

    static Manifest manifest(Fields fields) {
        fields.positive("format");
        String name = fields.text("name");
        String version = fields.text("version");
        String license = fields.text("license");
        TokenizerFile tokenizer = fields.object("tokenizer", Format1::tokenizer);
        GraphFile textEncoder = fields.object("text_encoder", ManifestReader::graph);
        Optional<GraphFile> imageEncoder = fields.optionalObject("image_encoder", ManifestReader::graph);
        GraphFile generator = fields.object(GENERATOR, ManifestReader::graph);
        GraphFile decoder = fields.object("decoder", ManifestReader::graph);
        SizedLatents latents = fields.object("latents", Format1::latents);
        List<SamplerSpec> samplers = fields.objects("samplers", Format1::sampler);
        return new Manifest(
                name,
                version,
                license,
                tokenizer,
                textEncoder,
                imageEncoder,
                Map.of(GENERATOR, generator),
                decoder,
                latents.layout(),
                samplers,
                samplers.isEmpty() ? 1 : samplers.get(0).steps(),
                fields.object("video", video -> video(video, latents)),
                fields.object("provenance", Format1::provenance));
    }

    private static TokenizerFile tokenizer(Fields fields) {
        return new TokenizerFile(
                ManifestReader.file(fields),
                fields.positive("max_tokens"),
                fields.positive("pad_to_multiple_of"),
                TokenizerFile.PromptCleaning.NONE);
    }

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

    /** Reads a sampler, whose timesteps are its noise levels and whose name is its kind. */
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
        List<String> generators = timesteps.stream().map(pass -> GENERATOR).toList();
        return new SamplerSpec(name, kind, timesteps, timesteps, generators);
    }

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
        return new Provenance(
                fields.text("recipe"), fields.text("commit"), fields.numbersByName("quality"), Optional.empty());
    }
}
