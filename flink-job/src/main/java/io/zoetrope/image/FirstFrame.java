package io.zoetrope.image;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.FloatBuffer;

/** The first frame of a clip as the generator reads it: normalised latents. */
public final class FirstFrame implements Pooled {
    private final PooledBuffer memory;

    /**
     * Takes its memory over.
     *
     * @param memory float32, row-major [C,H,W]
     */
    public FirstFrame(PooledBuffer memory) {
        this.memory = memory;
    }

    /** A read-only view with its own position, for as long as this is open. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    @Override
    public void close() {
        memory.close();
    }
}
