package io.zoetrope.buffer;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.IntFunction;

/**
 * A pool of direct buffers, which are reused in place of new allocations. It is safe for many threads at once.
 *
 * <p>The pool does not bound the buffers in use: a request holds a known number of bytes, and the number of requests in
 * flight is limited elsewhere. So taking a buffer never blocks, because it must not block a lane's thread. The pool
 * bounds only the idle buffers: beyond the bound, it leaves the buffer that was idle longest to the garbage collector.
 */
public final class BufferPool {
    /** The number of capacities per power of two. Sizes are rounded up, so that similar shapes share buffers. */
    private static final int CAPACITIES_PER_DOUBLING = 4;

    private static final int MIN_CAPACITY = 1 << 10;

    private final long maxIdleBytes;
    private final IntFunction<ByteBuffer> allocator;
    /** The idle buffers, the last used first, because it is the most likely to be in a processor's cache. */
    private final Deque<ByteBuffer> idle = new ArrayDeque<>();

    private long idleBytes;
    private long outstandingBytes;
    private int outstanding;

    /**
     * Creates a pool.
     *
     * @param maxIdleBytes the maximum number of bytes that the pool keeps while they are not in use
     * @throws IllegalArgumentException if the bound is negative
     */
    public BufferPool(long maxIdleBytes) {
        this(maxIdleBytes, ByteBuffer::allocateDirect);
    }

    BufferPool(long maxIdleBytes, IntFunction<ByteBuffer> allocator) {
        if (maxIdleBytes < 0) {
            throw new IllegalArgumentException(
                    "buffer pool: expected a bound of at least 0 bytes, got " + maxIdleBytes);
        }
        this.maxIdleBytes = maxIdleBytes;
        this.allocator = allocator;
    }

    /**
     * Takes memory from the pool; its content is undefined.
     *
     * @param bytes the size, at least 1
     * @return the memory, for the caller to close
     * @throws IllegalArgumentException if the size is below 1
     */
    public PooledBuffer take(int bytes) {
        int capacity = capacity(bytes);
        ByteBuffer whole = reserve(capacity);
        return PooledBuffer.of(this, whole, bytes);
    }

    private ByteBuffer reserve(int capacity) {
        synchronized (this) {
            for (Iterator<ByteBuffer> buffers = idle.iterator(); buffers.hasNext(); ) {
                ByteBuffer buffer = buffers.next();
                if (buffer.capacity() == capacity) {
                    buffers.remove();
                    idleBytes -= capacity;
                    countInUse(1, capacity);
                    return buffer;
                }
            }
        }
        ByteBuffer allocated = allocator.apply(capacity);
        synchronized (this) {
            countInUse(1, capacity);
        }
        return allocated;
    }

    private void countInUse(int buffers, long bytes) {
        outstanding += buffers;
        outstandingBytes += bytes;
    }

    synchronized void giveBack(ByteBuffer whole) {
        countInUse(-1, -whole.capacity());
        idle.addFirst(whole);
        idleBytes += whole.capacity();
        while (idleBytes > maxIdleBytes) {
            idleBytes -= idle.removeLast().capacity();
        }
    }

    /**
     * Returns an upper bound of the capacity that the pool uses for this many bytes, alone or as a part of a larger
     * buffer.
     */
    public static long maxCapacity(long bytes) {
        return Math.max(MIN_CAPACITY, bytes + bytes / CAPACITIES_PER_DOUBLING);
    }

    private static int capacity(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("buffer pool: expected a size of at least 1 byte, got " + bytes);
        }
        if (bytes <= MIN_CAPACITY) {
            return MIN_CAPACITY;
        }
        long step = Integer.highestOneBit(bytes - 1) / CAPACITIES_PER_DOUBLING;
        return (int) Math.min(Integer.MAX_VALUE, (bytes + step - 1) / step * step);
    }

    /**
     * Returns the number of buffers in use. If it is not 0 when no request is in flight, an owner has not closed its
     * memory.
     */
    public synchronized int outstanding() {
        return outstanding;
    }

    /** Returns the capacity of the {@link #outstanding} buffers, in bytes. */
    public synchronized long outstandingBytes() {
        return outstandingBytes;
    }

    /** Returns the capacity of the idle buffers, in bytes. */
    synchronized long idleBytes() {
        return idleBytes;
    }
}
