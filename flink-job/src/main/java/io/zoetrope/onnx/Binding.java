package io.zoetrope.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.zoetrope.buffer.PooledBuffer;
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

/**
 * A graph's tensors for one batch size and length. The inputs and their memory are made once and filled again for every
 * run, by one thread at a time; the output is written to memory that each run brings, for it outlives the run.
 */
final class Binding implements AutoCloseable {
    private final int batch;
    private final int length;
    private final Map<String, Buffer> values = new HashMap<>();
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final String outputName;
    private final DataType outputType;
    private final long[] outputShape;
    private final int outputBytes;
    private long inputBytes;

    private Binding(int batch, int length, String outputName, TensorSpec output) {
        this.batch = batch;
        this.length = length;
        this.outputName = outputName;
        outputType = output.dtype();
        outputShape = output.sizes(batch, length);
        outputBytes = Math.toIntExact(output.bytes(batch, length));
    }

    /** Makes room for the inputs that a manifest lists; all zero. */
    static Binding create(GraphFile spec, int batch, int length) throws OrtException {
        Map.Entry<String, TensorSpec> output = spec.output();
        Binding binding = new Binding(batch, length, output.getKey(), output.getValue());
        try {
            for (Map.Entry<String, TensorSpec> input : spec.inputs().entrySet()) {
                TensorSpec tensor = input.getValue();
                int bytes = Math.toIntExact(tensor.bytes(batch, length));
                Buffer values = typed(ByteBuffer.allocateDirect(bytes), tensor.dtype());
                binding.inputBytes += bytes;
                binding.values.put(input.getKey(), values);
                binding.inputs.put(input.getKey(), tensor(values, tensor.sizes(batch, length)));
            }
            return binding;
        } catch (OrtException | RuntimeException | Error e) {
            binding.close();
            throw e;
        }
    }

    boolean fits(int otherBatch, int otherLength) {
        return batch == otherBatch && length == otherLength;
    }

    /** Where to put a float32 input. What the last run put there stands. */
    FloatBuffer floats(String input) {
        return (FloatBuffer) Objects.requireNonNull(values.get(input), input);
    }

    /** Where to put an int64 input. What the last run put there stands. */
    LongBuffer longs(String input) {
        return (LongBuffer) Objects.requireNonNull(values.get(input), input);
    }

    /** Where to put a uint8 input. What the last run put there stands. */
    ByteBuffer bytes(String input) {
        return (ByteBuffer) Objects.requireNonNull(values.get(input), input);
    }

    /** Marks the real tokens of a row: ones, then zeros. */
    void mask(String input, int row, int real) {
        LongBuffer mask = longs(input);
        for (int i = 0; i < length; i++) {
            mask.put(row * length + i, i < real ? 1 : 0);
        }
    }

    long inputBytes() {
        return inputBytes;
    }

    int outputBytes() {
        return outputBytes;
    }

    /** Runs the graph on what was put. */
    void run(OrtSession session, PooledBuffer memory) throws OrtException {
        try (OnnxTensor pinned = tensor(typed(memory.bytes(), outputType), outputShape)) {
            session.run(inputs, Map.of(outputName, pinned)).close();
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

    /** A direct buffer is used where it lies. */
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
