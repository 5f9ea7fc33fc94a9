package io.zoetrope.buffer;

import java.nio.ByteBuffer;

/** Pools that run out of memory when a test says so. */
public final class ShortPool {
    private ShortPool() {}

    /** A pool that keeps nothing, and has no memory for the n-th take, counted from 0. */
    public static BufferPool withoutMemoryAt(int take) {
        int[] taken = new int[1];
        return new BufferPool(0, bytes -> {
            if (taken[0]++ == take) {
                throw new OutOfMemoryError("planted at take " + take);
            }
            return ByteBuffer.allocateDirect(bytes);
        });
    }
}
