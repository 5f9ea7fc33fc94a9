package io.zoetrope.bundle;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The fields of format 2; see docs/bundle-format.md. */
final class Format2 {
    private Format2() {}

    static Manifest manifest(Fields fields) {
        fields.whole("format", Range.FORMAT);
        return new Manifest(
                fields.text("name", TextRule.NAME),
                fields.text("version", TextRule.NAME),
                fields.text("license", TextRule.LICENSE),
                fields.object("tokenizer", Format2::tokenizer),
                fields.object("text_encoder", Format2::graph),
                fields.optionalObject("image_encoder", Format2::graph),
                fields.objectsByName("generators", Format2::graph),
                fields.object("decoder", Format2::graph),
                fields.object("latents", Format2::latents),
                fields.objects("samplers", Format2::sampler),
                fields.whole("default_steps", Range.STEPS),
                fields.object("video", Format2::video),
                fields.object("provenance", Format2::provenance));
    }

    private static TokenizerFile tokenizer(Fields fields) {
        return new TokenizerFile(
                ManifestReader.file(fields),
                fields.whole("max_tokens", Range.TOKENS),
                fields.whole("pad_to_multiple_of", Range.TOKENS),
                constant(fields, "prompt_cleaning", TokenizerFile.PromptCleaning.values()));
    }

    /** Reads a graph. ONNX Runtime finds out itself whether it has the graph's operator sets. */
    private static GraphFile graph(Fields fields) {
        var unused = fields.wholesByName("opsets", Range.OPSET);
        return ManifestReader.graph(fields);
    }

    private static LatentLayout latents(Fields fields) {
        return new LatentLayout(
                fields.whole("channels", Range.CHANNELS),
                fields.whole("spatial_compression", Range.COMPRESSION),
                fields.whole("temporal_compression", Range.COMPRESSION),
                fields.numbers("shift"),
                ManifestReader.scale(fields));
    }

    private static SamplerSpec sampler(Fields fields) {
        String name = fields.text("name", TextRule.NAME);
        SamplerSpec.Kind kind = constant(fields, "kind", SamplerSpec.Kind.values());
        int steps = fields.whole("steps", Range.STEPS);
        List<Float> timesteps = floats(fields.numbers("timesteps", steps));
        if (!timesteps.stream().allMatch(timestep -> timestep > 0)) {
            fields.fault("timesteps", "numbers above 0");
        }
        return new SamplerSpec(
                name, kind, timesteps, floats(fields.numbers("sigmas", steps)), fields.texts("generators", steps));
    }

    private static List<Float> floats(List<Double> numbers) {
        return numbers.stream().map(Double::floatValue).toList();
    }

    private static VideoSpec video(Fields fields) {
        List<FrameSize> sizes = fields.objects(
                "sizes", size -> new FrameSize(size.whole("width", Range.SIDE), size.whole("height", Range.SIDE)));
        List<Integer> frameCounts = fields.wholes("frame_counts", Range.FRAMES);
        int[] rate = fields.object("frame_rate", ManifestReader::frameRate);
        return new VideoSpec(sizes, frameCounts, rate[0], rate[1]);
    }

    private static Provenance provenance(Fields fields) {
        return new Provenance(
                fields.text("recipe", TextRule.LINE),
                fields.text("commit", TextRule.LINE),
                fields.has("quality") ? fields.numbersByName("quality") : Map.of(),
                fields.optionalObject("source", Format2::source));
    }

    private static Provenance.Source source(Fields fields) {
        return new Provenance.Source(
                fields.text("repository", TextRule.LINE),
                fields.text("revision", TextRule.OPTIONAL_LINE),
                fields.objects("files", Format2::sourceFile));
    }

    /** Reads a file of the checkpoint, whose path is only printed. */
    private static DigestedFile sourceFile(Fields fields) {
        return new DigestedFile(fields.text("file", TextRule.LINE), ManifestReader.sha256(fields));
    }

    /** Reads a constant by its name in lower case with hyphens. */
    private static <E extends Enum<E>> E constant(Fields fields, String name, E[] constants) {
        List<String> names = Stream.of(constants).map(Format2::name).toList();
        String text = fields.text(name, names::contains, "one of " + names);
        return Stream.of(constants)
                .filter(constant -> name(constant).equals(text))
                .findFirst()
                .orElse(constants[0]);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
