package io.zoetrope.onnx;

import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.util.ArrayList;
import java.util.List;

/** The text encoder of a bundle: the last hidden state of a BERT, with padding masked. */
public final class OnnxTextEncoder implements TextEncoder {
    private final OnnxGraph graph;
    private final int width;

    private OnnxTextEncoder(OnnxGraph graph, int width) {
        this.graph = graph;
        this.width = width;
    }

    /**
     * Loads the text encoder of a bundle.
     *
     * @throws BundleException if the file cannot be loaded or differs from the manifest
     * @throws IllegalStateException if ONNX Runtime cannot use the execution provider on this machine
     */
    public static OnnxTextEncoder open(ModelBundle bundle, SessionSpec session) {
        GraphFile spec = bundle.manifest().textEncoder();
        return new OnnxTextEncoder(
                OnnxGraph.open(bundle, spec, "text", session), bundle.manifest().textWidth());
    }

    @Override
    public List<TextEmbedding> encode(List<Tokens> batch) {
        int length = batch.isEmpty() ? 0 : batch.get(0).paddedLength();
        for (Tokens tokens : batch) {
            if (tokens.paddedLength() != length) {
                throw new IllegalArgumentException("text encoder: expected prompts of one padded length, " + length
                        + ", got " + tokens.paddedLength());
            }
        }
        PooledBuffer hidden = graph.run(Axes.ofText(batch.size(), length), inputs -> put(batch, inputs));
        List<TextEmbedding> embeddings = new ArrayList<>(batch.size());
        for (PooledBuffer row : hidden.split(batch.size())) {
            embeddings.add(new TextEmbedding(row, batch.get(embeddings.size()).length(), width));
        }
        return embeddings;
    }

    /** Fills all inputs but the token types, which stay zero: a prompt is one sentence. */
    private static void put(List<Tokens> batch, Binding inputs) {
        for (int row = 0; row < batch.size(); row++) {
            Tokens tokens = batch.get(row);
            int length = tokens.paddedLength();
            inputs.longs("input_ids").put(row * length, tokens.ids(), 0, length);
            inputs.mask("attention_mask", row, tokens.length());
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
