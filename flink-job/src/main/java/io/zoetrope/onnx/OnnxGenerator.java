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
import io.zoetrope.image.FirstFrame;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;

/** The generator of a bundle. */
public final class OnnxGenerator implements Generator {
    private final OnnxGraph graph;
    private final Manifest manifest;
    private final boolean takesFirstFrame;

    private OnnxGenerator(OnnxGraph graph, Manifest manifest, boolean takesFirstFrame) {
        this.graph = graph;
        this.manifest = manifest;
        this.takesFirstFrame = takesFirstFrame;
    }

    /**
     * Loads the generator of a bundle.
     *
     * @throws BundleException if the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     */
    public static OnnxGenerator open(ModelBundle bundle, SessionSpec session) {
        GraphFile spec = bundle.manifest().generator();
        return new OnnxGenerator(
                OnnxGraph.open(bundle, spec, "generate", session),
                bundle.manifest(),
                bundle.manifest().generatorTakesFirstFrame());
    }

    @Override
    public LatentBatch velocity(LatentBatch x, float t, List<Condition> conditions) {
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
            if (condition.firstFrame().isPresent() && !takesFirstFrame) {
                throw new IllegalArgumentException(
                        "generator: expected no first frame, as this bundle's generator does not take one");
            }
            TextEmbedding prompt = condition.text();
            if (prompt.paddedLength() != length || prompt.width() != width) {
                throw new IllegalArgumentException("generator: expected text embeddings of one shape, [" + length + ","
                        + width + "], got [" + prompt.paddedLength() + "," + prompt.width() + "]");
            }
        }
        Axes axes = manifest.axes(x.batch(), length, shape.frames(), shape.height(), shape.width());
        return new LatentBatch(graph.run(axes, inputs -> put(x, t, conditions, inputs)), x.batch(), shape);
    }

    private void put(LatentBatch x, float t, List<Condition> conditions, Binding inputs) {
        inputs.floats("latents").put(0, x.values(), 0, x.batch() * x.shape().size());
        for (int row = 0; row < conditions.size(); row++) {
            TextEmbedding prompt = conditions.get(row).text();
            int numbers = prompt.paddedLength() * prompt.width();
            inputs.floats("timestep").put(row, t);
            inputs.floats("text_embedding").put(row * numbers, prompt.values(), 0, numbers);
            inputs.mask("text_mask", row, prompt.length());
            if (takesFirstFrame) {
                putFirstFrame(conditions.get(row).firstFrame(), x.shape(), row, inputs);
            }
        }
    }

    /** Fills a row with its first frame, or with zeros if it has none, as the previous run left its values there. */
    private void putFirstFrame(Optional<FirstFrame> firstFrame, LatentShape shape, int row, Binding inputs) {
        FloatBuffer latents = inputs.floats("first_frame");
        int numbers = shape.channels() * shape.height() * shape.width();
        inputs.floats("first_frame_mask").put(row, firstFrame.isPresent() ? 1 : 0);
        if (firstFrame.isPresent()) {
            latents.put(row * numbers, firstFrame.get().values(), 0, numbers);
            return;
        }
        for (int i = 0; i < numbers; i++) {
            latents.put(row * numbers + i, 0);
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
