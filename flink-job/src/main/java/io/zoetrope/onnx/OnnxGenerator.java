package io.zoetrope.onnx;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.generate.Condition;
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

/** The generator of a bundle. */
public final class OnnxGenerator implements Generator {
    private static final String FIRST_FRAME = "first_frame";
    private static final String CONDITION = "condition";
    private static final String SIGMA = "sigma";

    private final OnnxGraph graph;
    private final Manifest manifest;

    private OnnxGenerator(OnnxGraph graph, Manifest manifest) {
        this.graph = graph;
        this.manifest = manifest;
    }

    /**
     * Loads a generator of a bundle.
     *
     * @param name its name in the manifest
     * @throws BundleException if the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     */
    public static OnnxGenerator open(ModelBundle bundle, String name, SessionSpec session) {
        GraphFile spec = Objects.requireNonNull(bundle.manifest().generators().get(name), name);
        return new OnnxGenerator(OnnxGraph.open(bundle, spec, "generate", session), bundle.manifest());
    }

    @Override
    public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
        if (conditions.size() != x.batch()) {
            throw new IllegalArgumentException(
                    "generator: expected a condition for each of " + x.batch() + " videos, got " + conditions.size());
        }
        LatentShape shape = x.shape();
        if (shape.channels() != manifest.latents().channels()) {
            throw new IllegalArgumentException(
                    "generator: expected latents of " + manifest.latents().channels() + " channels, got " + shape);
        }
        int length = conditions.get(0).text().paddedLength();
        int width = conditions.get(0).text().width();
        for (Condition condition : conditions) {
            checkFirstFrame(condition.firstFrame().isPresent());
            TextEmbedding prompt = condition.text();
            if (prompt.paddedLength() != length || prompt.width() != width) {
                throw new IllegalArgumentException("generator: expected text embeddings of one shape, [" + length + ","
                        + width + "], got [" + prompt.paddedLength() + "," + prompt.width() + "]");
            }
        }
        Axes axes = manifest.axes(x.batch(), length, shape.frames(), shape.height(), shape.width());
        return new LatentBatch(graph.run(axes, inputs -> put(x, level, conditions, inputs)), x.batch(), shape);
    }

    private void checkFirstFrame(boolean present) {
        Manifest.FirstFrameUse use = manifest.firstFrameUse();
        if (present && use == Manifest.FirstFrameUse.REFUSED) {
            throw new IllegalArgumentException(
                    "generator: expected no first frame, as this bundle's generator does not take one");
        }
        if (!present && use == Manifest.FirstFrameUse.REQUIRED) {
            throw new IllegalArgumentException(
                    "generator: expected a first frame, as this bundle's generator needs one, got none");
        }
    }

    private static void put(LatentBatch x, NoiseLevel level, List<Condition> conditions, Binding inputs) {
        inputs.floats("latents").put(0, x.values(), 0, x.batch() * x.shape().size());
        for (int row = 0; row < conditions.size(); row++) {
            TextEmbedding prompt = conditions.get(row).text();
            int numbers = prompt.paddedLength() * prompt.width();
            inputs.floats("timestep").put(row, level.timestep());
            inputs.floats("text_embedding").put(row * numbers, prompt.values(), 0, numbers);
            inputs.mask("text_mask", row, prompt.length());
            if (inputs.has(SIGMA)) {
                inputs.floats(SIGMA).put(row, level.sigma());
            }
            if (inputs.has(FIRST_FRAME)) {
                inputs.floats("first_frame_mask")
                        .put(row, conditions.get(row).firstFrame().isPresent() ? 1 : 0);
                putRow(conditions.get(row).firstFrame(), inputs.floats(FIRST_FRAME), row, conditions.size());
            }
            if (inputs.has(CONDITION)) {
                putRow(conditions.get(row).firstFrame(), inputs.floats(CONDITION), row, conditions.size());
            }
        }
    }

    /** Fills a row with its first frame, or with zeros if it has none, as the previous run left its values there. */
    private static void putRow(Optional<FirstFrame> firstFrame, FloatBuffer rows, int row, int count) {
        int numbers = rows.capacity() / count;
        if (firstFrame.isPresent()) {
            rows.put(row * numbers, firstFrame.get().values(), 0, numbers);
            return;
        }
        for (int i = 0; i < numbers; i++) {
            rows.put(row * numbers + i, 0);
        }
    }

    @Override
    public long fileBytes() {
        return graph.fileBytes();
    }

    @Override
    public void endRun(Thread runner) {
        graph.endRun(runner);
    }

    @Override
    public void close() {
        graph.close();
    }
}
