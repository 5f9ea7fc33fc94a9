package io.zoetrope.bundle;

import static io.zoetrope.bundle.DataType.FLOAT32;
import static io.zoetrope.bundle.DataType.INT64;
import static io.zoetrope.bundle.DataType.UINT8;
import static io.zoetrope.bundle.TensorSpec.BATCH;
import static io.zoetrope.bundle.TensorSpec.FRAMES;
import static io.zoetrope.bundle.TensorSpec.HEIGHT;
import static io.zoetrope.bundle.TensorSpec.LATENT_FRAMES;
import static io.zoetrope.bundle.TensorSpec.LATENT_HEIGHT;
import static io.zoetrope.bundle.TensorSpec.LATENT_WIDTH;
import static io.zoetrope.bundle.TensorSpec.LENGTH;
import static io.zoetrope.bundle.TensorSpec.WIDTH;
import static io.zoetrope.bundle.TensorSpec.YUV_ROWS;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The checks that a manifest's parts agree with each other, and its graphs with the tensors that the stages pass to
 * them.
 */
final class ManifestChecks {
    static final String FIRST_FRAME = "first_frame";

    static final String CONDITION = "condition";

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
        checks.checkVideo();
        checks.checkSamplers();
        checks.checkGraphs();
    }

    private void checkLatents() {
        LatentLayout latents = manifest.latents();
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
    }

    private void checkVideo() {
        VideoSpec video = manifest.video();
        LatentLayout latents = manifest.latents();
        int spatial = latents.spatialCompression();
        int temporal = latents.temporalCompression();
        if (video.sizes().isEmpty() || video.frameCounts().isEmpty()) {
            fault("video: expected at least one size and one number of frames, got " + video.sizes() + " and "
                    + video.frameCounts());
        }
        for (FrameSize size : video.sizes()) {
            if (size.width() % spatial != 0 || size.height() % spatial != 0) {
                fault("video: expected sides that are multiples of latents.spatial_compression = " + spatial + ", got "
                        + size);
            }
            if (size.width() % 2 != 0 || size.height() % 2 != 0) {
                fault("video: expected even sides, as YUV 4:2:0 needs, got " + size);
            }
        }
        for (int frames : video.frameCounts()) {
            if ((frames - 1) % temporal != 0) {
                fault("video: expected numbers of frames of 1 + a multiple of latents.temporal_compression = "
                        + temporal + ", got " + frames);
            }
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
            for (String generator : sampler.generators()) {
                if (!manifest.generators().containsKey(generator)) {
                    fault(path + ".generators: expected names of generators, "
                            + new TreeSet<>(manifest.generators().keySet()) + ", got " + generator);
                }
            }
        }
        if (!samplers.isEmpty() && !steps.contains(manifest.defaultSteps())) {
            fault("default_steps: expected the steps of a sampler, " + new TreeSet<>(steps) + ", got "
                    + manifest.defaultSteps());
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
        int channels = manifest.latents().channels();
        TensorSpec ids = TensorSpec.of(INT64, BATCH, LENGTH);
        TensorSpec embedding = TensorSpec.of(FLOAT32, BATCH, LENGTH, textWidth());
        TensorSpec latents = TensorSpec.of(FLOAT32, BATCH, channels, LATENT_FRAMES, LATENT_HEIGHT, LATENT_WIDTH);
        TensorSpec frames = TensorSpec.of(UINT8, BATCH, FRAMES, YUV_ROWS, WIDTH);
        GraphFile textEncoder = manifest.textEncoder();
        Map<String, TensorSpec> textInputs = new HashMap<>(Map.of("input_ids", ids, "attention_mask", ids));
        addIfPresent(textInputs, "token_type_ids", ids, textEncoder);
        compare("text_encoder.inputs", textInputs, textEncoder.inputs());
        compare("text_encoder.outputs", Map.of(Manifest.LAST_HIDDEN_STATE, embedding), textEncoder.outputs());
        TensorSpec firstFrame = TensorSpec.of(FLOAT32, BATCH, channels, LATENT_HEIGHT, LATENT_WIDTH);
        TensorSpec image = TensorSpec.of(UINT8, BATCH, HEIGHT, WIDTH, 3);
        Optional<TensorSpec> condition = condition();
        manifest.imageEncoder().ifPresent(imageEncoder -> {
            Map<String, TensorSpec> inputs = new HashMap<>(Map.of("image", image));
            condition.ifPresent(tensor -> inputs.put("latent_frames", TensorSpec.of(INT64, 1)));
            compare("image_encoder.inputs", inputs, imageEncoder.inputs());
            compare(
                    "image_encoder.outputs",
                    condition.map(tensor -> Map.of(CONDITION, tensor)).orElse(Map.of(FIRST_FRAME, firstFrame)),
                    imageEncoder.outputs());
        });
        if (manifest.generators().isEmpty()) {
            fault("generators: expected at least one, got none");
        }
        manifest.generators().forEach((name, generator) -> {
            Map<String, TensorSpec> inputs = new HashMap<>(Map.of(
                    "latents", latents,
                    "timestep", TensorSpec.of(FLOAT32, BATCH),
                    "text_embedding", embedding,
                    "text_mask", ids));
            if (condition.isPresent()) {
                inputs.put(CONDITION, condition.get());
            } else if (manifest.imageEncoder().isPresent() || takesPartOfFirstFrame(generator)) {
                inputs.put(FIRST_FRAME, firstFrame);
                inputs.put(FIRST_FRAME_MASK, TensorSpec.of(FLOAT32, BATCH));
                addIfPresent(inputs, "sigma", TensorSpec.of(FLOAT32, BATCH), generator);
            }
            compare(name + ".inputs", inputs, generator.inputs());
            compare(name + ".outputs", Map.of("velocity", latents), generator.outputs());
        });
        compare("decoder.inputs", Map.of("latents", latents), manifest.decoder().inputs());
        compare("decoder.outputs", Map.of("frames", frames), manifest.decoder().outputs());
    }

    private static void addIfPresent(
            Map<String, TensorSpec> expected, String name, TensorSpec tensor, GraphFile graph) {
        if (graph.inputs().containsKey(name)) {
            expected.put(name, tensor);
        }
    }

    /** Returns the condition of all frames that the image encoder makes; empty if it makes a first frame or is absent. */
    private Optional<TensorSpec> condition() {
        return manifest.imageEncoder()
                .flatMap(encoder -> Optional.ofNullable(encoder.outputs().get(CONDITION)))
                .map(output -> TensorSpec.of(
                        FLOAT32,
                        BATCH,
                        output.shape().size() == 5 ? output.shape().get(1) : "channels",
                        LATENT_FRAMES,
                        LATENT_HEIGHT,
                        LATENT_WIDTH));
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
            } else if (!expectedTensor.equals(actualTensor)
                    && !ofOneSize(expectedTensor).equals(Optional.ofNullable(actualTensor))) {
                fault(path + "." + name + ": expected "
                        + ofOneSize(expectedTensor).orElse(expectedTensor) + ", "
                        + (actualTensor == null ? "it is missing" : "got " + actualTensor));
            }
        }
    }

    /**
     * Returns the tensor with numbers in place of the symbols of size and length, which the graphs of a bundle with one
     * size and one length may have; empty for other bundles.
     */
    private Optional<TensorSpec> ofOneSize(TensorSpec tensor) {
        VideoSpec video = manifest.video();
        if (video.sizes().size() != 1 || video.frameCounts().size() != 1) {
            return Optional.empty();
        }
        return Optional.of(tensor.withSize(manifest.defaultAxes(0, 0)));
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
