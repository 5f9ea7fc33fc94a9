package io.zoetrope.buffer;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.IntFunction;

/**
 * Direct buffers for many threads, used again instead of being allocated again.
 *
 * <p>What bounds the buffers in use is who takes them: a request holds a known number of bytes and only so many requests
 * are in flight. So taking never waits, for a lane's thread must not. What lies unused is bounded here: beyond the bound,
 * the buffer that lay longest is left to the garbage collector.
 */
public final class BufferPool {
    /** Sizes are rounded up to a quarter of their power of two, so that shapes which differ little share buffers. */
    private static final int SIZES_A_DOUBLING = 4;

    private static final int SMALLEST = 1 << 10;

    private final long mostIdleBytes;
    private final IntFunction<ByteBuffer> allocator;
    /** The last given back first: it is the likeliest to lie in a cache. */
    private final Deque<ByteBuffer> idle = new ArrayDeque<>();

    private long idleBytes;
    private long outstandingBytes;
    private int outstanding;

    /** A pool that keeps at most this many bytes while nobody uses them. */
    public BufferPool(long mostIdleBytes) {
        this(mostIdleBytes, ByteBuffer::allocateDirect);
    }

    BufferPool(long mostIdleBytes, IntFunction<ByteBuffer> allocator) {
        if (mostIdleBytes < 0) {
            throw new IllegalArgumentException(
                    "buffer pool: expected a bound of at least 0 bytes, got " + mostIdleBytes);
        }
        this.mostIdleBytes = mostIdleBytes;
        this.allocator = allocator;
    }

    /**
     * Gives memory, whatever is in it.
     *
     * @param bytes at least 1
     */
    public PooledBuffer take(int bytes) {
        int capacity = capacity(bytes);
        ByteBuffer whole = reserve(capacity);
        return PooledBuffer.of(this, whole, bytes);
    }

    private ByteBuffer reserve(int capacity) {
        synchronized (this) {
            for (Iterator<ByteBuffer> each = idle.iterator(); each.hasNext(); ) {
                ByteBuffer buffer = each.next();
                if (buffer.capacity() == capacity) {
                    each.remove();
                    idleBytes -= capacity;
                    count(1, capacity);
                    return buffer;
                }
            }
        }
        ByteBuffer fresh = allocator.apply(capacity);
        synchronized (this) {
            count(1, capacity);
        }
        return fresh;
    }

    private void count(int buffers, long bytes) {
        outstanding += buffers;
        outstandingBytes += bytes;
    }

    synchronized void giveBack(ByteBuffer whole) {
        count(-1, -whole.capacity());
        idle.addFirst(whole);
        idleBytes += whole.capacity();
        while (idleBytes > mostIdleBytes) {
            idleBytes -= idle.removeLast().capacity();
        }
    }

    /** What a buffer of so many bytes takes at most, or a part of so many bytes of a larger one. */
    public static long maxCapacity(long bytes) {
        return Math.max(SMALLEST, bytes + bytes / SIZES_A_DOUBLING);
    }

    private static int capacity(int bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("buffer pool: expected a size of at least 1 byte, got " + bytes);
        }
        if (bytes <= SMALLEST) {
            return SMALLEST;
        }
        long step = Integer.highestOneBit(bytes - 1) / SIZES_A_DOUBLING;
        return (int) Math.min(Integer.MAX_VALUE, (bytes + step - 1) / step * step);
    }

    /** Buffers that are taken and not yet given back. When nothing is in flight and this is not 0, someone forgot. */
    public synchronized int outstanding() {
        return outstanding;
    }

    /** Bytes of the {@link #outstanding} buffers. */
    public synchronized long outstandingBytes() {
        return outstandingBytes;
    }

    /** Bytes that wait to be used again. */
    synchronized long idleBytes() {
        return idleBytes;
    }
}
