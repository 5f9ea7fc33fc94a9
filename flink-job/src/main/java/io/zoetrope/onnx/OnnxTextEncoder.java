package io.zoetrope.onnx;

import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;

/** A bundle's text encoder: the last hidden state of a BERT, padding masked. */
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
     * @param threads that a run may use; 0 for one a core
     * @throws BundleException if the file cannot be loaded or is not what the manifest says
     */
    public static OnnxTextEncoder open(ModelBundle bundle, int threads) {
        GraphFile terms = bundle.manifest().textEncoder();
        return new OnnxTextEncoder(
                OnnxGraph.open(bundle, terms, "text", threads),
                bundle.manifest().textWidth());
    }

    @Override
    public List<TextEmbedding> encode(List<Tokens> batch) {
        graph.checkBatch(batch.size());
        int rows = batch.size();
        int length = batch.get(0).paddedLength();
        LongBuffer ids = Binding.longs(rows * length);
        LongBuffer mask = Binding.longs(rows * length);
        for (int row = 0; row < rows; row++) {
            Tokens tokens = batch.get(row);
            if (tokens.paddedLength() != length) {
                throw new IllegalArgumentException("text encoder: expected prompts of one padded length, " + length
                        + ", got " + tokens.paddedLength());
            }
            ids.put(row * length, tokens.ids(), 0, length);
            Masks.put(mask, row * length, tokens.length());
        }
        FloatBuffer hidden = Binding.floats(rows * length * width);
        graph.run(
                List.of(
                        Binding.int64("input_ids", ids, rows, length),
                        Binding.int64("attention_mask", mask, rows, length),
                        Binding.int64("token_type_ids", Binding.longs(rows * length), rows, length)),
                Binding.float32("last_hidden_state", hidden, rows, length, width));
        List<TextEmbedding> embeddings = new ArrayList<>(rows);
        for (int row = 0; row < rows; row++) {
            embeddings.add(new TextEmbedding(
                    hidden.slice(row * length * width, length * width),
                    batch.get(row).length(),
                    width));
        }
        return embeddings;
    }

    @Override
    public void close() {
        graph.close();
    }
}
