package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.generate.Condition;
import io.zoetrope.generate.Flow;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.NoiseLevel;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** A generator of a bundle. Latents stay on the GPU from the noise to the clip. */
public final class TensorRtGenerator implements Generator {
    private static final String LATENTS = "latents";
    private static final String FIRST_FRAME = "first_frame";
    private static final String CONDITION = "condition";
    private static final String SIGMA = "sigma";

    private final EngineGraph graph;
    private final Manifest manifest;

    private TensorRtGenerator(EngineGraph graph, Manifest manifest) {
        this.graph = graph;
        this.manifest = manifest;
    }

    /**
     * Opens a generator of a bundle; builds its engine, unless it is stored.
     *
     * @param name its name in the manifest
     * @throws io.zoetrope.bundle.BundleException if TensorRT cannot read the graph, or it differs from the manifest
     * @throws IllegalStateException if this process cannot use the GPU
     */
    public static TensorRtGenerator open(ModelBundle bundle, String name, EngineSpec spec) {
        GraphFile graph = Objects.requireNonNull(bundle.manifest().generators().get(name), name);
        return new TensorRtGenerator(EngineGraph.open(bundle, graph, "generate", spec), bundle.manifest());
    }

    EngineGraph graph() {
        return graph;
    }

    @Override
    public Flow startFlow(LatentShape shape, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        return DeviceFlow.fromNoise(this, shape, conditions, seeds, buffers);
    }

    @Override
    public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
        Axes axes = axes(x.batch(), x.shape(), conditions);
        return new LatentBatch(
                graph.toHost(axes, inputs -> {
                    inputs.floats(LATENTS)
                            .put(0, x.values(), 0, x.batch() * x.shape().size());
                    put(level, conditions, inputs);
                }),
                x.batch(),
                x.shape());
    }

    /** Adds a multiple of the velocity at latents on the device to them. */
    void addVelocity(DeviceFloats x, LatentShape shape, NoiseLevel level, List<Condition> conditions, float distance) {
        Consumer<EngineInputs> fill = inputs -> {
            inputs.put(LATENTS, 0, x);
            put(level, conditions, inputs);
        };
        graph.addTo(x, distance, axes(conditions.size(), shape, conditions), fill);
    }

    private Axes axes(int batch, LatentShape shape, List<Condition> conditions) {
        if (conditions.size() != batch) {
            throw new IllegalArgumentException(
                    "generator: expected a condition for each of " + batch + " videos, got " + conditions.size());
        }
        if (shape.channels() != manifest.latents().channels()) {
            throw new IllegalArgumentException(
                    "generator: expected latents of " + manifest.latents().channels() + " channels, got " + shape);
        }
        TextEmbedding first = conditions.get(0).text();
        for (Condition condition : conditions) {
            requireFirstFrame(condition.firstFrame().isPresent());
            TextEmbedding prompt = condition.text();
            if (prompt.paddedLength() != first.paddedLength() || prompt.width() != first.width()) {
                throw new IllegalArgumentException("generator: expected text embeddings of one shape, ["
                        + first.paddedLength() + "," + first.width() + "], got [" + prompt.paddedLength() + ","
                        + prompt.width() + "]");
            }
        }
        return manifest.axes(batch, first.paddedLength(), shape.frames(), shape.height(), shape.width());
    }

    private void requireFirstFrame(boolean present) {
        Manifest.FirstFrameUse use = manifest.firstFrameUse();
        if (use != Manifest.FirstFrameUse.OPTIONAL && present != (use == Manifest.FirstFrameUse.REQUIRED)) {
            throw new IllegalArgumentException(
                    "generator: first frames are " + use + " in this bundle, got " + (present ? "one" : "none"));
        }
    }

    private static void put(NoiseLevel level, List<Condition> conditions, EngineInputs inputs) {
        for (int row = 0; row < conditions.size(); row++) {
            TextEmbedding prompt = conditions.get(row).text();
            inputs.floats("timestep").put(row, level.timestep());
            inputs.put("text_embedding", row * prompt.paddedLength() * prompt.width(), prompt.memory());
            inputs.mask("text_mask", row, prompt.length());
            if (inputs.has(SIGMA)) {
                inputs.floats(SIGMA).put(row, level.sigma());
            }
            Optional<FirstFrame> firstFrame = conditions.get(row).firstFrame();
            if (inputs.has(FIRST_FRAME)) {
                inputs.floats("first_frame_mask").put(row, firstFrame.isPresent() ? 1 : 0);
                putRow(FIRST_FRAME, firstFrame.map(FirstFrame::memory), row, conditions.size(), inputs);
            }
            if (inputs.has(CONDITION)) {
                putRow(CONDITION, firstFrame.map(FirstFrame::memory), row, conditions.size(), inputs);
            }
        }
    }

    /** Writes a row of first frames; zeros for a video that has none. */
    private static void putRow(String name, Optional<FloatMemory> numbers, int row, int rows, EngineInputs inputs) {
        FloatBuffer all = inputs.floats(name);
        int length = all.capacity() / rows;
        if (numbers.isPresent()) {
            inputs.put(name, row * length, numbers.get());
            return;
        }
        for (int i = 0; i < length; i++) {
            all.put(row * length + i, 0);
        }
    }

    @Override
    public long fileBytes() {
        return graph.bytes();
    }

    @Override
    public void close() {
        graph.close();
    }
}
