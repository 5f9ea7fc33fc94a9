package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/** The latents of a batch of videos, or their velocity, in one piece as a generator reads and writes them. */
public final class LatentBatch implements Pooled {
    private final PooledBuffer memory;
    private final int batch;
    private final LatentShape shape;

    /**
     * Takes its memory over.
     *
     * @param memory float32, row-major [B,C,T,H,W]
     * @param batch B, at least 1
     * @param shape [C,T,H,W] of each video
     * @throws IllegalArgumentException if the memory is not of this size
     */
    public LatentBatch(PooledBuffer memory, int batch, LatentShape shape) {
        checkSize(memory, batch, shape);
        this.memory = memory;
        this.batch = batch;
        this.shape = shape;
    }

    /** Room for a batch, whatever numbers are in it. */
    static LatentBatch take(BufferPool buffers, int batch, LatentShape shape) {
        int bytes = Math.multiplyExact(Math.multiplyExact(batch, shape.size()), Float.BYTES);
        return new LatentBatch(buffers.take(bytes), batch, shape);
    }

    static void checkSize(PooledBuffer memory, int batch, LatentShape shape) {
        if (batch < 1 || memory.size() != (long) batch * shape.size() * Float.BYTES) {
            throw new IllegalArgumentException("latents: expected " + batch + " x " + shape + " = "
                    + (long) batch * shape.size() + " numbers, got " + memory.size() / Float.BYTES);
        }
    }

    /** A read-only view with its own position, for as long as this is open. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    /** The numbers, for arithmetic in place. */
    FloatBuffer writable() {
        return memory.floats();
    }

    /** B, how many videos there are. */
    public int batch() {
        return batch;
    }

    /** [C,T,H,W] of each video. */
    public LatentShape shape() {
        return shape;
    }

    /** Hands the memory on, each video's for itself, and closes this. */
    List<Latents> split() {
        return memory.split(batch).stream()
                .map(each -> new Latents(each, shape))
                .toList();
    }

    @Override
    public void close() {
        memory.close();
    }
}
