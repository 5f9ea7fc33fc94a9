package io.zoetrope.image;

import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.buffer.Pooled;
import java.nio.FloatBuffer;

/** The encoded first frame of a clip. The generator reads it. */
public final class FirstFrame implements Pooled {
    private final FloatMemory memory;

    /**
     * Creates a first frame that owns the given memory.
     *
     * @param memory the values, float32, row-major: latents [C,H,W] or, for a generator that takes a condition of all
     *     frames, that condition [K,T,H,W]
     */
    public FirstFrame(FloatMemory memory) {
        this.memory = memory;
    }

    /** Returns a read-only view with an independent position; it must not be used after the close. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
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
