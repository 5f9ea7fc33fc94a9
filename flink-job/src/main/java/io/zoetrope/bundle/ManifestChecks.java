package io.zoetrope.bundle;

import static io.zoetrope.bundle.DataType.FLOAT32;
import static io.zoetrope.bundle.DataType.INT64;
import static io.zoetrope.bundle.DataType.UINT8;
import static io.zoetrope.bundle.TensorSpec.BATCH;
import static io.zoetrope.bundle.TensorSpec.LENGTH;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The checks that a manifest's parts agree with each other, and its graphs with the tensors that the stages pass to
 * them.
 */
final class ManifestChecks {
    static final String FIRST_FRAME = "first_frame";

    private static final String FIRST_FRAME_MASK = "first_frame_mask";

    private final Manifest manifest;
    private final List<String> faults;

    private ManifestChecks(Manifest manifest, List<String> faults) {
        this.manifest = manifest;
        this.faults = faults;
    }

    static void check(Manifest manifest, List<String> faults) {
        ManifestChecks checks = new ManifestChecks(manifest, faults);
        checks.checkLatents();
        checks.checkSamplers();
        checks.checkGraphs();
    }

    private void checkLatents() {
        LatentLayout latents = manifest.latents();
        VideoSpec video = manifest.video();
        expect(
                "latents.shift",
                latents.channels() + " numbers",
                latents.channels(),
                latents.shift().size());
        expect(
                "latents.scale",
                latents.channels() + " numbers",
                latents.channels(),
                latents.scale().size());
        int width = latents.width() * latents.spatialCompression();
        int height = latents.height() * latents.spatialCompression();
        int frames = 1 + (latents.frames() - 1) * latents.temporalCompression();
        expect("video.width", "latents.width x spatial_compression = " + width, width, video.width());
        expect("video.height", "latents.height x spatial_compression = " + height, height, video.height());
        expect(
                "video.frame_count",
                "1 + (latents.frames - 1) x temporal_compression = " + frames,
                frames,
                video.frameCount());
        if (video.width() % 2 != 0 || video.height() % 2 != 0) {
            fault("video: expected even sides, as YUV 4:2:0 needs, got " + video.width() + "x" + video.height());
        }
    }

    private void checkSamplers() {
        List<SamplerSpec> samplers = manifest.samplers();
        if (samplers.isEmpty()) {
            fault("samplers: expected at least one, got none");
        }
        Set<Integer> steps = new HashSet<>();
        for (SamplerSpec sampler : samplers) {
            String path = "samplers." + sampler.name();
            if (!steps.add(sampler.steps())) {
                fault(path + ": steps " + sampler.steps()
                        + " is that of another sampler too; give each sampler its own number,"
                        + " as events select a sampler by it");
            }
            checkNoiseLevels(path, sampler);
        }
    }

    private void checkNoiseLevels(String path, SamplerSpec sampler) {
        List<Float> sigmas = sampler.sigmas();
        if (sampler.kind() == SamplerSpec.Kind.TIME_TRAVEL) {
            if (!rise(sigmas) || sigmas.get(sigmas.size() - 1) != 1) {
                fault(path + ": expected noise levels that rise to 1.0 from above 0, got " + sigmas);
            }
        } else {
            List<Float> rising = new ArrayList<>(sigmas);
            Collections.reverse(rising);
            if (!rise(rising) || sigmas.get(0) > 1) {
                fault(path + ": expected noise levels that fall from at most 1.0 and stay above 0, got " + sigmas);
            }
        }
    }

    /** Returns whether the numbers are above 0 and each is above the one before. */
    private static boolean rise(List<Float> numbers) {
        float before = 0;
        for (float number : numbers) {
            if (!(number > before)) {
                return false;
            }
            before = number;
        }
        return !numbers.isEmpty();
    }

    private void checkGraphs() {
        LatentLayout layout = manifest.latents();
        VideoSpec video = manifest.video();
        TensorSpec ids = TensorSpec.of(INT64, BATCH, LENGTH);
        TensorSpec embedding = TensorSpec.of(FLOAT32, BATCH, LENGTH, textWidth());
        TensorSpec latents =
                TensorSpec.of(FLOAT32, BATCH, layout.channels(), layout.frames(), layout.height(), layout.width());
        TensorSpec frames = TensorSpec.of(UINT8, BATCH, video.frameCount(), video.height() * 3 / 2, video.width());
        GraphFile textEncoder = manifest.textEncoder();
        compare(
                "text_encoder.inputs",
                Map.of("input_ids", ids, "attention_mask", ids, "token_type_ids", ids),
                textEncoder.inputs());
        compare("text_encoder.outputs", Map.of(Manifest.LAST_HIDDEN_STATE, embedding), textEncoder.outputs());
        TensorSpec firstFrame = TensorSpec.of(FLOAT32, BATCH, layout.channels(), layout.height(), layout.width());
        TensorSpec image = TensorSpec.of(UINT8, BATCH, video.height(), video.width(), 3);
        manifest.imageEncoder().ifPresent(imageEncoder -> {
            compare("image_encoder.inputs", Map.of("image", image), imageEncoder.inputs());
            compare("image_encoder.outputs", Map.of(FIRST_FRAME, firstFrame), imageEncoder.outputs());
        });
        GraphFile generator = manifest.generator();
        Map<String, TensorSpec> generatorInputs = new HashMap<>(Map.of(
                "latents", latents,
                "timestep", TensorSpec.of(FLOAT32, BATCH),
                "text_embedding", embedding,
                "text_mask", ids));
        if (manifest.imageEncoder().isPresent() || takesPartOfFirstFrame(generator)) {
            generatorInputs.put(FIRST_FRAME, firstFrame);
            generatorInputs.put(FIRST_FRAME_MASK, TensorSpec.of(FLOAT32, BATCH));
        }
        compare("generator.inputs", generatorInputs, generator.inputs());
        compare("generator.outputs", Map.of("velocity", latents), generator.outputs());
        compare("decoder.inputs", Map.of("latents", latents), manifest.decoder().inputs());
        compare("decoder.outputs", Map.of("frames", frames), manifest.decoder().outputs());
    }

    /** Returns whether a generator has an input for a first frame or its mask. It has to have both or neither. */
    private static boolean takesPartOfFirstFrame(GraphFile generator) {
        return generator.inputs().containsKey(FIRST_FRAME) || generator.inputs().containsKey(FIRST_FRAME_MASK);
    }

    /** Returns the last axis of the text encoder's output; if it has none, a placeholder that matches no shape. */
    private String textWidth() {
        TensorSpec output = manifest.textEncoder().outputs().get(Manifest.LAST_HIDDEN_STATE);
        if (output == null
                || output.shape().size() != 3
                || !output.shape().get(2).matches("[1-9][0-9]*")) {
            return "width";
        }
        return output.shape().get(2);
    }

    private void compare(String path, Map<String, TensorSpec> expected, Map<String, TensorSpec> actual) {
        Set<String> names = new TreeSet<>(expected.keySet());
        names.addAll(actual.keySet());
        for (String name : names) {
            TensorSpec expectedTensor = expected.get(name);
            TensorSpec actualTensor = actual.get(name);
            if (expectedTensor == null) {
                fault(path + "." + name + ": unknown tensor; expected " + new TreeSet<>(expected.keySet()));
            } else if (!expectedTensor.equals(actualTensor)) {
                fault(path + "." + name + ": expected " + expectedTensor + ", "
                        + (actualTensor == null ? "it is missing" : "got " + actualTensor));
            }
        }
    }

    private void expect(String path, String what, int expected, int actual) {
        if (expected != actual) {
            fault(path + ": expected " + what + ", got " + actual);
        }
    }

    private void fault(String message) {
        faults.add(Manifest.FILE + ": " + message);
    }
}
