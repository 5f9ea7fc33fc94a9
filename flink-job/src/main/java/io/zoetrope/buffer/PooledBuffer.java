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
 * A part of a pool's buffer, or all of it, in native byte order. The buffer goes back to its pool when the last of its
 * parts is closed, on whatever thread.
 */
public final class PooledBuffer implements Pooled {
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

    /** The first bytes of a buffer that nobody else holds. */
    static PooledBuffer of(BufferPool pool, ByteBuffer whole, int size) {
        return new PooledBuffer(pool, whole, new AtomicInteger(1), 0, size);
    }

    /** Bytes of this part. */
    public int size() {
        return size;
    }

    /**
     * Another part of the same buffer, for another owner.
     *
     * @param from its first byte, counted from this part's first
     * @param length its bytes
     * @throws IndexOutOfBoundsException if it does not lie inside this part
     * @throws IllegalStateException if this part is closed
     */
    public PooledBuffer part(int from, int length) {
        Objects.checkFromIndexSize(from, length, size);
        checkOpen();
        // Never from 0: a part that were closed meanwhile could have been the last, and the buffer be another's.
        if (openParts.getAndUpdate(open -> open == 0 ? 0 : open + 1) == 0) {
            throw closed();
        }
        return new PooledBuffer(pool, whole, openParts, offset + from, length);
    }

    /**
     * Hands the memory on in equal parts and closes this one.
     *
     * @throws IllegalArgumentException if the bytes cannot be divided so
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
     * The memory, with a position of its own. It must not be touched once this part is closed.
     *
     * @throws IllegalStateException if it already is
     */
    public ByteBuffer bytes() {
        checkOpen();
        return whole.slice(offset, size).order(ByteOrder.nativeOrder());
    }

    /** The memory as float32, as {@link #bytes}. */
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
                + " bytes: it is closed and may be another's by now; read it before its owner closes it");
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true) && openParts.decrementAndGet() == 0) {
            pool.giveBack(whole);
        }
    }
}
