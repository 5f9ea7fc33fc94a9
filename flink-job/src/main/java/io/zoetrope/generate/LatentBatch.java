package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** The latents of a batch of videos, or their velocity, contiguous as a generator reads and writes them. */
public final class LatentBatch implements Pooled {
    private final PooledBuffer memory;
    private final int batch;
    private final LatentShape shape;

    /**
     * Creates a batch that owns the given memory.
     *
     * @param memory the latents, float32, row-major [B,C,T,H,W]
     * @param batch B, the number of videos, at least 1
     * @param shape the shape of each video, [C,T,H,W]
     * @throws IllegalArgumentException if the memory is not of this size
     */
    public LatentBatch(PooledBuffer memory, int batch, LatentShape shape) {
        checkSize(memory, batch, shape);
        this.memory = memory;
        this.batch = batch;
        this.shape = shape;
    }

    /** Takes memory for a batch from a pool; its numbers are undefined. */
    static LatentBatch take(BufferPool buffers, int batch, LatentShape shape) {
        int bytes = Math.multiplyExact(Math.multiplyExact(batch, shape.size()), Float.BYTES);
        return new LatentBatch(buffers.take(bytes), batch, shape);
    }

    static void checkSize(FloatMemory memory, int batch, LatentShape shape) {
        if (batch < 1 || memory.size() != (long) batch * shape.size() * Float.BYTES) {
            throw new IllegalArgumentException("latents: expected " + batch + " x " + shape + " = "
                    + (long) batch * shape.size() + " numbers, got " + memory.size() / Float.BYTES);
        }
    }

    /** Returns a read-only view with an independent position; it must not be used after the close. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    /** Returns a writable view, for arithmetic in place. */
    FloatBuffer writable() {
        return memory.floats();
    }

    /** Returns B, the number of videos. */
    public int batch() {
        return batch;
    }

    /** Returns the shape of each video, [C,T,H,W]. */
    public LatentShape shape() {
        return shape;
    }

    /** Splits the batch into the latents of each video, which now own the memory, and closes the batch. */
    List<Latents> split() {
        return memory.split(batch).stream()
                .map(video -> new Latents(video, shape))
                .toList();
    }

    @Override
    public void close() {
        memory.close();
    }
}
