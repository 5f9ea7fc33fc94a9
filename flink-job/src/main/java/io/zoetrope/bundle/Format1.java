package io.zoetrope.bundle;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The fields of format 1: one generator, and videos of one size, which the latents have too. */
final class Format1 {
    private static final String GENERATOR = "generator";
    private static final String TIME_TRAVEL = "time-travel";
    private static final List<String> SAMPLERS = List.of("one-step", "two-step", TIME_TRAVEL);

    private Format1() {}

    static Manifest manifest(Fields fields) {
        fields.whole("format", Range.FORMAT);
        String name = fields.text("name", TextRule.NAME);
        String version = fields.text("version", TextRule.NAME);
        String license = fields.text("license", TextRule.LICENSE);
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
                fields.whole("max_tokens", Range.TOKENS),
                fields.whole("pad_to_multiple_of", Range.TOKENS),
                TokenizerFile.PromptCleaning.NONE);
    }

    private record SizedLatents(LatentLayout layout, int frames, int height, int width) {}

    private static SizedLatents latents(Fields fields) {
        int channels = fields.whole("channels", Range.CHANNELS);
        int frames = fields.whole("frames", Range.FRAMES);
        int height = fields.whole("height", Range.SIDE);
        int width = fields.whole("width", Range.SIDE);
        return new SizedLatents(
                new LatentLayout(
                        channels,
                        fields.whole("spatial_compression", Range.COMPRESSION),
                        fields.whole("temporal_compression", Range.COMPRESSION),
                        fields.numbers("shift"),
                        ManifestReader.scale(fields)),
                frames,
                height,
                width);
    }

    /** Reads a sampler, whose timesteps are its noise levels and whose name is its kind. */
    private static SamplerSpec sampler(Fields fields) {
        String name = fields.text("name", SAMPLERS::contains, "one of " + SAMPLERS);
        int steps = fields.whole("steps", Range.STEPS);
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
        int[] rate = fields.object("frame_rate", ManifestReader::frameRate);
        int width = fields.whole(
                "width", Range.SIDE, "latents.width x spatial_compression", layout.pixels(latents.width()));
        int height = fields.whole(
                "height", Range.SIDE, "latents.height x spatial_compression", layout.pixels(latents.height()));
        int frames = fields.whole(
                "frame_count",
                Range.FRAMES,
                "1 + (latents.frames - 1) x temporal_compression",
                layout.frames(latents.frames()));
        return new VideoSpec(List.of(new FrameSize(width, height)), List.of(frames), rate[0], rate[1]);
    }

    private static Provenance provenance(Fields fields) {
        return new Provenance(
                fields.text("recipe", TextRule.LINE),
                fields.text("commit", TextRule.LINE),
                fields.numbersByName("quality"),
                Optional.empty());
    }
}
