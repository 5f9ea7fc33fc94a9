package io.zoetrope.bundle;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The fields of format 2; see docs/bundle-format.md. */
final class Format2 {
    private Format2() {}

    static Manifest manifest(Fields fields) {
        fields.positive("format");
        return new Manifest(
                fields.text("name"),
                fields.text("version"),
                fields.text("license"),
                fields.object("tokenizer", Format2::tokenizer),
                fields.object("text_encoder", Format2::graph),
                fields.optionalObject("image_encoder", Format2::graph),
                fields.objectsByName("generators", Format2::graph),
                fields.object("decoder", Format2::graph),
                fields.object("latents", Format2::latents),
                fields.objects("samplers", Format2::sampler),
                fields.positive("default_steps"),
                fields.object("video", Format2::video),
                fields.object("provenance", Format2::provenance));
    }

    private static TokenizerFile tokenizer(Fields fields) {
        return new TokenizerFile(
                ManifestReader.file(fields),
                fields.positive("max_tokens"),
                fields.positive("pad_to_multiple_of"),
                constant(fields, "prompt_cleaning", TokenizerFile.PromptCleaning.values()));
    }

    /** Reads a graph. ONNX Runtime finds out itself whether it has the graph's operator sets. */
    private static GraphFile graph(Fields fields) {
        fields.numbersByName("opsets");
        return ManifestReader.graph(fields);
    }

    private static LatentLayout latents(Fields fields) {
        return new LatentLayout(
                fields.positive("channels"),
                fields.positive("spatial_compression"),
                fields.positive("temporal_compression"),
                fields.numbers("shift"),
                fields.numbers("scale"));
    }

    private static SamplerSpec sampler(Fields fields) {
        String name = fields.text("name");
        SamplerSpec.Kind kind = constant(fields, "kind", SamplerSpec.Kind.values());
        int steps = fields.positive("steps");
        List<Float> timesteps = floats(fields.numbers("timesteps", steps));
        if (!timesteps.stream().allMatch(timestep -> timestep > 0 && Float.isFinite(timestep))) {
            fields.fault("timesteps", "numbers above 0");
        }
        return new SamplerSpec(
                name, kind, timesteps, floats(fields.numbers("sigmas", steps)), fields.texts("generators", steps));
    }

    private static List<Float> floats(List<Double> numbers) {
        return numbers.stream().map(Double::floatValue).toList();
    }

    private static VideoSpec video(Fields fields) {
        List<FrameSize> sizes =
                fields.objects("sizes", size -> new FrameSize(size.positive("width"), size.positive("height")));
        List<Integer> frameCounts = fields.positives("frame_counts");
        int[] rate = fields.object("frame_rate", parts -> new int[] {parts.positive("num"), parts.positive("den")});
        return new VideoSpec(sizes, frameCounts, rate[0], rate[1]);
    }

    private static Provenance provenance(Fields fields) {
        return new Provenance(
                fields.text("recipe"),
                fields.text("commit"),
                fields.has("quality") ? fields.numbersByName("quality") : Map.of(),
                fields.optionalObject("source", Format2::source));
    }

    private static Provenance.Source source(Fields fields) {
        return new Provenance.Source(
                fields.text("repository"),
                fields.textOrEmpty("revision"),
                fields.objects("files", ManifestReader::file));
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
