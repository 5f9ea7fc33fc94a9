package io.zoetrope.generate;

import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.buffer.Pooled;
import java.nio.FloatBuffer;

/** The latents of one video. */
public final class Latents implements Pooled {
    private final FloatMemory memory;
    private final LatentShape shape;

    /**
     * Creates latents that own the given memory.
     *
     * @param memory the values, float32, row-major [C,T,H,W]
     * @param shape the shape, [C,T,H,W]
     * @throws IllegalArgumentException if the memory is not of this shape
     */
    public Latents(FloatMemory memory, LatentShape shape) {
        LatentBatch.checkSize(memory, 1, shape);
        this.memory = memory;
        this.shape = shape;
    }

    /** Returns a read-only view with an independent position; it must not be used after the close. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    public LatentShape shape() {
        return shape;
    }

    /** Returns the memory, which a stage on the same device reads without a copy; it stays this object's. */
    public FloatMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
