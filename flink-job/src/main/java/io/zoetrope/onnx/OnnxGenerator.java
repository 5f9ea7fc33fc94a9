package io.zoetrope.onnx;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.generate.Latents;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;

/** A bundle's generator. */
public final class OnnxGenerator implements Generator {
    private final OnnxGraph graph;
    private final LatentShape shape;

    private OnnxGenerator(OnnxGraph graph, LatentShape shape) {
        this.graph = graph;
        this.shape = shape;
    }

    /**
     * Loads the generator of a bundle.
     *
     * @param threads that a run may use; 0 for one a core
     * @throws BundleException if the file cannot be loaded or is not what the manifest says
     */
    public static OnnxGenerator open(ModelBundle bundle, int threads) {
        GraphFile terms = bundle.manifest().generator();
        LatentLayout layout = bundle.manifest().latents();
        return new OnnxGenerator(
                OnnxGraph.open(bundle, terms, "generate", threads),
                new LatentShape(layout.channels(), layout.frames(), layout.height(), layout.width()));
    }

    @Override
    public LatentShape latentShape() {
        return shape;
    }

    @Override
    public Latents velocity(Latents x, float t, List<TextEmbedding> text) {
        graph.checkBatch(x.batch());
        if (text.size() != x.batch()) {
            throw new IllegalArgumentException(
                    "generator: expected a text embedding for each of " + x.batch() + " videos, got " + text.size());
        }
        int rows = x.batch();
        int length = text.get(0).paddedLength();
        int width = text.get(0).width();
        FloatBuffer timestep = Binding.floats(rows);
        FloatBuffer embedding = Binding.floats(rows * length * width);
        LongBuffer mask = Binding.longs(rows * length);
        for (int row = 0; row < rows; row++) {
            TextEmbedding prompt = text.get(row);
            if (prompt.paddedLength() != length || prompt.width() != width) {
                throw new IllegalArgumentException("generator: expected text embeddings of one shape, [" + length + ","
                        + width + "], got [" + prompt.paddedLength() + "," + prompt.width() + "]");
            }
            timestep.put(row, t);
            embedding.put(row * length * width, prompt.values(), 0, length * width);
            Masks.put(mask, row * length, prompt.length());
        }
        FloatBuffer velocity = Binding.floats(rows * shape.size());
        graph.run(
                List.of(
                        Binding.float32("latents", x.values(), dimensions(rows)),
                        Binding.float32("timestep", timestep, rows),
                        Binding.float32("text_embedding", embedding, rows, length, width),
                        Binding.int64("text_mask", mask, rows, length)),
                Binding.float32("velocity", velocity, dimensions(rows)));
        return new Latents(velocity, rows, shape);
    }

    private long[] dimensions(int rows) {
        return new long[] {rows, shape.channels(), shape.frames(), shape.height(), shape.width()};
    }

    @Override
    public void close() {
        graph.close();
    }
}
