package io.zoetrope.buffer;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Memory with something in it, of a pool that keeps nothing: the garbage collector frees what a test does not close.
 */
public final class TestBuffers {
    private static final BufferPool POOL = new BufferPool(0);

    private TestBuffers() {}

    public static PooledBuffer floats(float... values) {
        return floats(FloatBuffer.wrap(values));
    }

    public static PooledBuffer floats(FloatBuffer values) {
        PooledBuffer memory = POOL.take(values.remaining() * Float.BYTES);
        memory.floats().put(values.duplicate());
        return memory;
    }

    public static PooledBuffer bytes(ByteBuffer values) {
        PooledBuffer memory = POOL.take(values.remaining());
        memory.bytes().put(values.duplicate());
        return memory;
    }

    /** Zeros. */
    public static PooledBuffer bytes(int count) {
        return bytes(ByteBuffer.allocate(count));
    }
}
