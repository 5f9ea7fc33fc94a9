package io.zoetrope.onnx;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.LatentLayout;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.generate.Generator;
import io.zoetrope.generate.LatentBatch;
import io.zoetrope.generate.LatentShape;
import io.zoetrope.text.TextEmbedding;
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
     * @throws BundleException if the file cannot be loaded or is not what the manifest says
     * @throws IllegalStateException if this machine has not what it is to run on
     */
    public static OnnxGenerator open(ModelBundle bundle, SessionTerms how) {
        GraphFile terms = bundle.manifest().generator();
        LatentLayout layout = bundle.manifest().latents();
        return new OnnxGenerator(
                OnnxGraph.open(bundle, terms, "generate", how),
                new LatentShape(layout.channels(), layout.frames(), layout.height(), layout.width()));
    }

    @Override
    public LatentShape latentShape() {
        return shape;
    }

    @Override
    public LatentBatch velocity(LatentBatch x, float t, List<TextEmbedding> text) {
        if (text.size() != x.batch()) {
            throw new IllegalArgumentException(
                    "generator: expected a text embedding for each of " + x.batch() + " videos, got " + text.size());
        }
        if (!x.shape().equals(shape)) {
            throw new IllegalArgumentException("generator: expected latents of " + shape + ", got " + x.shape());
        }
        int length = text.get(0).paddedLength();
        int width = text.get(0).width();
        for (TextEmbedding prompt : text) {
            if (prompt.paddedLength() != length || prompt.width() != width) {
                throw new IllegalArgumentException("generator: expected text embeddings of one shape, [" + length + ","
                        + width + "], got [" + prompt.paddedLength() + "," + prompt.width() + "]");
            }
        }
        return new LatentBatch(graph.run(x.batch(), length, inputs -> put(x, t, text, inputs)), x.batch(), shape);
    }

    private static void put(LatentBatch x, float t, List<TextEmbedding> text, Binding inputs) {
        inputs.floats("latents").put(0, x.values(), 0, x.batch() * x.shape().size());
        for (int row = 0; row < text.size(); row++) {
            TextEmbedding prompt = text.get(row);
            int numbers = prompt.paddedLength() * prompt.width();
            inputs.floats("timestep").put(row, t);
            inputs.floats("text_embedding").put(row * numbers, prompt.values(), 0, numbers);
            inputs.mask("text_mask", row, prompt.length());
        }
    }

    @Override
    public long fileBytes() {
        return graph.fileBytes();
    }

    @Override
    public void close() {
        graph.close();
    }
}
