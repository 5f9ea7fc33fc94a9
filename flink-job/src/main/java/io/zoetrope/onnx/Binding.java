package io.zoetrope.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;

/** An input or output of a run and the buffer it lies in. Direct buffers are used in place, others copied. */
final class Binding {
    private final String name;
    private final Buffer values;
    private final long[] shape;

    private Binding(String name, Buffer values, long[] shape) {
        this.name = name;
        this.values = values;
        this.shape = shape;
    }

    static Binding float32(String name, FloatBuffer values, long... shape) {
        return new Binding(name, values, shape);
    }

    static Binding int64(String name, LongBuffer values, long... shape) {
        return new Binding(name, values, shape);
    }

    static Binding uint8(String name, ByteBuffer values, long... shape) {
        return new Binding(name, values, shape);
    }

    static FloatBuffer floats(int count) {
        return bytes(Math.multiplyExact(count, Float.BYTES)).asFloatBuffer();
    }

    static LongBuffer longs(int count) {
        return bytes(Math.multiplyExact(count, Long.BYTES)).asLongBuffer();
    }

    static ByteBuffer bytes(int count) {
        return ByteBuffer.allocateDirect(count).order(ByteOrder.nativeOrder());
    }

    String name() {
        return name;
    }

    /** A view for the runtime; the caller closes it. */
    OnnxTensor tensor(OrtEnvironment environment) throws OrtException {
        if (values instanceof FloatBuffer floats) {
            return OnnxTensor.createTensor(environment, floats, shape);
        }
        if (values instanceof LongBuffer longs) {
            return OnnxTensor.createTensor(environment, longs, shape);
        }
        return OnnxTensor.createTensor(environment, (ByteBuffer) values, shape, OnnxJavaType.UINT8);
    }
}
