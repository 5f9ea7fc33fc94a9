package io.zoetrope.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The comparison of a loaded graph's inputs and outputs with those that its manifest lists. */
final class GraphSignature {
    private static final Map<OnnxJavaType, DataType> TYPES = Map.of(
            OnnxJavaType.FLOAT,
            DataType.FLOAT32,
            OnnxJavaType.INT64,
            DataType.INT64,
            OnnxJavaType.UINT8,
            DataType.UINT8);

    private GraphSignature() {}

    /** Returns each difference as a sentence; empty if the graph matches its manifest. */
    static List<String> faults(OrtSession session, GraphFile spec) throws OrtException {
        List<String> faults = new ArrayList<>();
        compare("input", spec.inputs(), session.getInputInfo(), faults);
        compare("output", spec.outputs(), session.getOutputInfo(), faults);
        return faults;
    }

    private static void compare(
            String side, Map<String, TensorSpec> manifest, Map<String, NodeInfo> graph, List<String> faults) {
        Set<String> names = new TreeSet<>(manifest.keySet());
        names.addAll(graph.keySet());
        for (String name : names) {
            String listed = Optional.ofNullable(manifest.get(name))
                    .map(TensorSpec::toString)
                    .orElse("none");
            Optional<NodeInfo> node = Optional.ofNullable(graph.get(name));
            String actual = node.map(GraphSignature::describe).orElse("none");
            boolean equal = node.isPresent() && manifest.containsKey(name) && equal(manifest.get(name), node.get());
            if (!equal) {
                faults.add(side + " " + name + ": the manifest says " + listed + ", the graph has " + actual);
            }
        }
    }

    private static boolean equal(TensorSpec spec, NodeInfo node) {
        if (!(node.getInfo() instanceof TensorInfo tensor) || TYPES.get(tensor.type) != spec.dtype()) {
            return false;
        }
        long[] shape = tensor.getShape();
        if (shape.length != spec.shape().size()) {
            return false;
        }
        for (int axis = 0; axis < shape.length; axis++) {
            String size = spec.shape().get(axis);
            if (TensorSpec.varies(size) ? shape[axis] >= 0 : !size.equals(String.valueOf(shape[axis]))) {
                return false;
            }
        }
        return true;
    }

    private static String describe(NodeInfo node) {
        if (!(node.getInfo() instanceof TensorInfo tensor)) {
            return "a value that is not a tensor";
        }
        List<String> axes = new ArrayList<>();
        for (long size : tensor.getShape()) {
            axes.add(size < 0 ? "?" : String.valueOf(size));
        }
        DataType type = TYPES.get(tensor.type);
        return (type == null ? tensor.type.toString() : type.toString()) + "[" + String.join(",", axes) + "]";
    }
}
