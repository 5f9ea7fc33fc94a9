package io.zoetrope.buffer;

import java.nio.FloatBuffer;

/** Float32 numbers with one owner, on the host or on a device. */
public interface FloatMemory extends Pooled {
    /** Returns the size in bytes. */
    int size();

    /**
     * Returns a view on the host with an independent position. Memory on a device is copied to the host once. The view
     * must not be used after the close.
     *
     * @throws IllegalStateException if the memory is closed
     */
    FloatBuffer floats();
}
