package io.zoetrope.buffer;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** Pools whose allocations a test counts or lets fail. */
public final class TestPools {
    private TestPools() {}

    /** Returns a pool that keeps no idle buffers and has no memory for the n-th take, counted from 0. */
    public static BufferPool withoutMemoryAt(int take) {
        int[] taken = new int[1];
        return new BufferPool(0, bytes -> {
            if (taken[0]++ == take) {
                throw new OutOfMemoryError("planted at take " + take);
            }
            return ByteBuffer.allocateDirect(bytes);
        });
    }

    /** Returns a pool that adds one to the counter for each buffer that it allocates. */
    public static BufferPool counting(long maxIdleBytes, AtomicInteger allocations) {
        return new BufferPool(maxIdleBytes, bytes -> {
            allocations.incrementAndGet();
            return ByteBuffer.allocateDirect(bytes);
        });
    }
}
