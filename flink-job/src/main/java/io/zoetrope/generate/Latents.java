package io.zoetrope.generate;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * The latents of a batch of videos.
 *
 * @param values row-major [B,C,T,H,W], float32
 * @param batch B, at least 1
 * @param shape [C,T,H,W] of each video
 */
public record Latents(FloatBuffer values, int batch, LatentShape shape) {
    /** Refuses with an {@link IllegalArgumentException} any number of values but batch x shape. */
    public Latents {
        values = values.slice().asReadOnlyBuffer();
        if (batch < 1 || values.capacity() != (long) batch * shape.size()) {
            throw new IllegalArgumentException("latents: expected " + batch + " x " + shape + " = "
                    + (long) batch * shape.size() + " numbers, got " + values.capacity());
        }
    }

    /** A read-only view with its own position. */
    @Override
    public FloatBuffer values() {
        return values.duplicate();
    }

    /** Room for a batch, outside the heap and in native order, so that a model runtime reads it where it lies. */
    static FloatBuffer allocate(int batch, LatentShape shape) {
        int bytes = Math.multiplyExact(Math.multiplyExact(batch, shape.size()), Float.BYTES);
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()).asFloatBuffer();
    }
}
