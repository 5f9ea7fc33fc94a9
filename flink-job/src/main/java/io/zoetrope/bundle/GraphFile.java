package io.zoetrope.bundle;

import java.util.List;
import java.util.Map;

/**
 * One ONNX graph.
 *
 * @param file the ONNX file
 * @param externalData the files that hold its large tensors
 * @param inputs the inputs by name
 * @param outputs the outputs by name
 * @param maxBatch the largest batch size, at least 1
 * @param precision the precision of its arithmetic, such as {@code float32}
 */
public record GraphFile(
        DigestedFile file,
        List<DigestedFile> externalData,
        Map<String, TensorSpec> inputs,
        Map<String, TensorSpec> outputs,
        int maxBatch,
        String precision) {
    public GraphFile {
        externalData = List.copyOf(externalData);
        inputs = Map.copyOf(inputs);
        outputs = Map.copyOf(outputs);
    }

    /** Returns the graph's output with its name. Every graph of a bundle has exactly one. */
    public Map.Entry<String, TensorSpec> output() {
        return outputs.entrySet().iterator().next();
    }
}
