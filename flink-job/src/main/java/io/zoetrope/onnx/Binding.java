package io.zoetrope.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.bundle.Axes;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.TensorSpec;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A graph's tensors for the axes of one shape of run. The input tensors and their memory are allocated once; one
 * thread at a time fills them again for each run. Each run passes its own memory for the output, which outlives the
 * run.
 */
final class Binding implements AutoCloseable {
    private final Axes axes;
    private final Map<String, Buffer> values = new HashMap<>();
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final String outputName;
    private final DataType outputType;
    private final long[] outputShape;
    private final int outputBytes;
    private long inputBytes;

    private Binding(Axes axes, String outputName, TensorSpec output) {
        this.axes = axes;
        this.outputName = outputName;
        outputType = output.dtype();
        outputShape = output.sizes(axes);
        outputBytes = Math.toIntExact(output.bytes(axes));
    }

    /** Allocates the inputs that a manifest lists, filled with zeros. */
    static Binding create(GraphFile spec, Axes axes) throws OrtException {
        Map.Entry<String, TensorSpec> output = spec.output();
        Binding binding = new Binding(axes, output.getKey(), output.getValue());
        try {
            for (Map.Entry<String, TensorSpec> input : spec.inputs().entrySet()) {
                TensorSpec tensor = input.getValue();
                int bytes = Math.toIntExact(tensor.bytes(axes));
                Buffer values = typed(ByteBuffer.allocateDirect(bytes), tensor.dtype());
                binding.inputBytes += bytes;
                binding.values.put(input.getKey(), values);
                binding.inputs.put(input.getKey(), tensor(values, tensor.sizes(axes)));
            }
            return binding;
        } catch (OrtException | RuntimeException | Error e) {
            binding.close();
            throw e;
        }
    }

    /** Returns whether the tensors have these sizes. */
    boolean fits(Axes other) {
        return axes.equals(other);
    }

    /** Returns whether the graph has an input. */
    boolean has(String input) {
        return values.containsKey(input);
    }

    /** Returns the values of a float32 input. They are those of the previous run until they are overwritten. */
    FloatBuffer floats(String input) {
        return (FloatBuffer) Objects.requireNonNull(values.get(input), input);
    }

    /** Returns the values of an int64 input. They are those of the previous run until they are overwritten. */
    LongBuffer longs(String input) {
        return (LongBuffer) Objects.requireNonNull(values.get(input), input);
    }

    /** Returns the values of a uint8 input. They are those of the previous run until they are overwritten. */
    ByteBuffer bytes(String input) {
        return (ByteBuffer) Objects.requireNonNull(values.get(input), input);
    }

    /** Fills a row of a mask with a one per token, then with a zero per padding token. */
    void mask(String input, int row, int tokens) {
        LongBuffer mask = longs(input);
        for (int i = 0; i < axes.length(); i++) {
            mask.put(row * axes.length() + i, i < tokens ? 1 : 0);
        }
    }

    long inputBytes() {
        return inputBytes;
    }

    int outputBytes() {
        return outputBytes;
    }

    /** Runs the graph on the inputs and writes its output to the given memory. */
    void run(OrtSession session, PooledBuffer memory, OrtSession.RunOptions options) throws OrtException {
        try (OnnxTensor pinned = tensor(typed(memory.bytes(), outputType), outputShape)) {
            session.run(inputs, Set.of(), Map.of(outputName, pinned), options).close();
        }
    }

    private static Buffer typed(ByteBuffer bytes, DataType type) {
        ByteBuffer ordered = bytes.order(ByteOrder.nativeOrder());
        return switch (type) {
            case FLOAT32 -> ordered.asFloatBuffer();
            case INT64 -> ordered.asLongBuffer();
            case UINT8 -> ordered;
        };
    }

    /** Creates a tensor on a direct buffer, which ONNX Runtime uses without a copy. */
    private static OnnxTensor tensor(Buffer values, long[] shape) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        if (values instanceof FloatBuffer floats) {
            return OnnxTensor.createTensor(environment, floats, shape);
        }
        if (values instanceof LongBuffer longs) {
            return OnnxTensor.createTensor(environment, longs, shape);
        }
        return OnnxTensor.createTensor(environment, (ByteBuffer) values, shape, OnnxJavaType.UINT8);
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensor::close);
    }
}
