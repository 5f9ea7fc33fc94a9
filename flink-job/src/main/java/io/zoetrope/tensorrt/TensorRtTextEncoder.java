package io.zoetrope.tensorrt;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.text.TextEmbedding;
import io.zoetrope.text.TextEncoder;
import io.zoetrope.text.Tokens;
import java.util.ArrayList;
import java.util.List;

/** The text encoder of a bundle. Its embeddings stay on the GPU. */
public final class TensorRtTextEncoder implements TextEncoder {
    private static final String TOKEN_TYPES = "token_type_ids";

    private final EngineGraph graph;
    private final int width;

    private TensorRtTextEncoder(EngineGraph graph, int width) {
        this.graph = graph;
        this.width = width;
    }

    /**
     * Opens the text encoder of a bundle; builds its engine, unless it is stored.
     *
     * @throws io.zoetrope.bundle.BundleException if TensorRT cannot read the graph, or it differs from the manifest
     * @throws IllegalStateException if this process cannot use the GPU
     */
    public static TensorRtTextEncoder open(ModelBundle bundle, EngineSpec spec) {
        GraphFile graph = bundle.manifest().textEncoder();
        return new TensorRtTextEncoder(
                EngineGraph.open(bundle, graph, "text", spec), bundle.manifest().textWidth());
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
        DeviceFloats hidden = graph.toDevice(Axes.ofText(batch.size(), length), inputs -> put(batch, inputs));
        List<TextEmbedding> embeddings = new ArrayList<>(batch.size());
        for (DeviceFloats row : hidden.split(batch.size())) {
            embeddings.add(new TextEmbedding(row, batch.get(embeddings.size()).length(), width));
        }
        return embeddings;
    }

    private static void put(List<Tokens> batch, EngineInputs inputs) {
        for (int row = 0; row < batch.size(); row++) {
            Tokens tokens = batch.get(row);
            int length = tokens.paddedLength();
            inputs.longs("input_ids").put(row * length, tokens.ids(), 0, length);
            inputs.mask("attention_mask", row, tokens.length());
            if (inputs.has(TOKEN_TYPES)) { // zeros: a prompt is one sentence
                inputs.mask(TOKEN_TYPES, row, 0);
            }
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
