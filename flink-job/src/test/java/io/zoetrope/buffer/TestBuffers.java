package io.zoetrope.buffer;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Memory with given values, from a pool that keeps no idle buffers: the garbage collector frees the memory that a test
 * does not close.
 */
public final class TestBuffers {
    private static final BufferPool POOL = new BufferPool(0);

    private TestBuffers() {}

    /** Returns memory with these float32 values. */
    public static PooledBuffer floats(float... values) {
        return floats(FloatBuffer.wrap(values));
    }

    /** Returns memory with these float32 values. */
    public static PooledBuffer floats(FloatBuffer values) {
        PooledBuffer memory = POOL.take(values.remaining() * Float.BYTES);
        memory.floats().put(values.duplicate());
        return memory;
    }

    /** Returns memory with these bytes. */
    public static PooledBuffer bytes(ByteBuffer values) {
        PooledBuffer memory = POOL.take(values.remaining());
        memory.bytes().put(values.duplicate());
        return memory;
    }

    /** Returns zeros. */
    public static PooledBuffer bytes(int count) {
        return bytes(ByteBuffer.allocate(count));
    }
}
