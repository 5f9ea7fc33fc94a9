package io.zoetrope.buffer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A part of a pool's buffer, or all of it, in native byte order. The last of a buffer's parts to be closed, on any
 * thread, returns the buffer to its pool.
 */
public final class PooledBuffer implements FloatMemory {
    private final BufferPool pool;
    private final ByteBuffer whole;
    private final AtomicInteger openParts;
    private final int offset;
    private final int size;
    private final AtomicBoolean closed = new AtomicBoolean();

    private PooledBuffer(BufferPool pool, ByteBuffer whole, AtomicInteger openParts, int offset, int size) {
        this.pool = pool;
        this.whole = whole;
        this.openParts = openParts;
        this.offset = offset;
        this.size = size;
    }

    /** Returns the first bytes of a buffer that has no other owner. */
    static PooledBuffer of(BufferPool pool, ByteBuffer whole, int size) {
        return new PooledBuffer(pool, whole, new AtomicInteger(1), 0, size);
    }

    /** Returns the size of this part in bytes. */
    @Override
    public int size() {
        return size;
    }

    /**
     * Returns another part of the same buffer, for another owner to close.
     *
     * @param from the offset of its first byte in this part
     * @param length its size in bytes
     * @throws IndexOutOfBoundsException if it is not inside this part
     * @throws IllegalStateException if this part is closed
     */
    public PooledBuffer part(int from, int length) {
        Objects.checkFromIndexSize(from, length, size);
        checkOpen();
        // Never counts up from 0: if another thread has closed the last part, the pool may have given the buffer away.
        if (openParts.getAndUpdate(open -> open == 0 ? 0 : open + 1) == 0) {
            throw closed();
        }
        return new PooledBuffer(pool, whole, openParts, offset + from, length);
    }

    /**
     * Splits the memory into equal parts, each for a new owner to close, and closes this part.
     *
     * @throws IllegalArgumentException if the size is not a multiple of the count
     * @throws IllegalStateException if this part is closed
     */
    public List<PooledBuffer> split(int count) {
        if (count < 1 || size % count != 0) {
            throw new IllegalArgumentException(
                    "buffer: expected " + size + " bytes to be divided equally, got " + count + " parts");
        }
        List<PooledBuffer> parts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            parts.add(part(i * (size / count), size / count));
        }
        close();
        return parts;
    }

    /**
     * Returns a view of the memory with an independent position. The view must not be used after this part is closed.
     *
     * @throws IllegalStateException if this part is closed
     */
    public ByteBuffer bytes() {
        checkOpen();
        return whole.slice(offset, size).order(ByteOrder.nativeOrder());
    }

    /** Returns the memory as float32; see {@link #bytes}. */
    @Override
    public FloatBuffer floats() {
        return bytes().asFloatBuffer();
    }

    private void checkOpen() {
        if (closed.get()) {
            throw closed();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException("buffer of " + size
                + " bytes: it is closed and may have another owner; read it before its owner closes it");
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && openParts.decrementAndGet() == 0) {
            pool.giveBack(whole);
        }
    }
}
