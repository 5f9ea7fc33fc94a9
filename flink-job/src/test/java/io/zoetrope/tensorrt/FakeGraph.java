package io.zoetrope.tensorrt;

import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a fake engine computes: each row of the output is a function of the same row of all inputs, and of nothing else.
 *
 * @param graph the graph
 * @param manifest the bundle's manifest
 */
record FakeGraph(GraphFile graph, Manifest manifest) {
    /** Returns the graph of a file name. */
    static FakeGraph of(Manifest manifest, String file) {
        return new FakeGraph(
                manifest.graphs().stream()
                        .filter(candidate -> candidate.file().file().equals(file))
                        .findFirst()
                        .orElseThrow(),
                manifest);
    }

    /** Returns the axes of a run whose inputs have these shapes. */
    Axes axes(Map<String, List<Long>> shapes) {
        int batch = 1;
        int length = 0;
        for (Map.Entry<String, TensorSpec> input : graph.inputs().entrySet()) {
            List<String> symbols = input.getValue().shape();
            for (int axis = 0; axis < symbols.size(); axis++) {
                int size = Math.toIntExact(
                        Objects.requireNonNull(shapes.get(input.getKey())).get(axis));
                batch = symbols.get(axis).equals(TensorSpec.BATCH) ? size : batch;
                length = symbols.get(axis).equals(TensorSpec.LENGTH) ? size : length;
            }
        }
        return manifest.defaultAxes(batch, length);
    }

    /** Computes the output of a batch from the bytes of its inputs. */
    byte[] run(int batch, Map<String, byte[]> inputs, Axes axes) {
        byte[] output = new byte[Math.toIntExact(graph.output().getValue().bytes(axes))];
        int rowBytes = output.length / batch;
        for (int row = 0; row < batch; row++) {
            TreeMap<String, byte[]> rows = new TreeMap<>();
            for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
                byte[] bytes = input.getValue();
                int size = bytes.length / batch;
                rows.put(input.getKey(), Arrays.copyOfRange(bytes, row * size, (row + 1) * size));
            }
            System.arraycopy(row(rows, rowBytes), 0, output, row * rowBytes, rowBytes);
        }
        return output;
    }

    /** Computes one row of the output from one row of each input. */
    byte[] row(SortedMap<String, byte[]> inputs, int rowBytes) {
        long hash = graph.file().file().hashCode();
        for (Map.Entry<String, byte[]> input : inputs.entrySet()) {
            hash = mix(hash + input.getKey().hashCode());
            for (byte value : input.getValue()) {
                hash = hash * 31 + value;
            }
        }
        byte[] output = new byte[rowBytes];
        if (graph.output().getValue().dtype() == DataType.UINT8) {
            for (int i = 0; i < rowBytes; i++) {
                output[i] = (byte) (16 + Math.floorMod(mix(hash + i), 220L));
            }
            return output;
        }
        ByteBuffer floats = ByteBuffer.wrap(output).order(ByteOrder.nativeOrder());
        for (int i = 0; i < rowBytes / Float.BYTES; i++) {
            floats.putFloat((mix(hash + i) >>> 40) / (float) (1 << 23) - 1);
        }
        return output;
    }

    private static long mix(long value) {
        long mixed = (value ^ (value >>> 32)) * 0x9E3779B97F4A7C15L;
        return mixed ^ (mixed >>> 29);
    }
}
