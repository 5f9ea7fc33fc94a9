package io.zoetrope.generate;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.FloatBuffer;

/** The latents of one video. */
public final class Latents implements Pooled {
    private final PooledBuffer memory;
    private final LatentShape shape;

    /**
     * Takes its memory over.
     *
     * @param memory float32, row-major [C,T,H,W]
     * @param shape [C,T,H,W]
     * @throws IllegalArgumentException if the memory is not of this shape
     */
    public Latents(PooledBuffer memory, LatentShape shape) {
        LatentBatch.checkSize(memory, 1, shape);
        this.memory = memory;
        this.shape = shape;
    }

    /** A read-only view with its own position, for as long as this is open. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    public LatentShape shape() {
        return shape;
    }

    @Override
    public void close() {
        memory.close();
    }
}
