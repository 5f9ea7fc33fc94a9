package io.zoetrope.onnx;

import io.zoetrope.buffer.BufferPool;

/**
 * The settings of the ONNX Runtime sessions of one device.
 *
 * @param provider the processor on which graphs run
 * @param threads the CPU threads per run, the calling thread included; concurrent runs share the other threads; 0 means
 *     one thread per core
 * @param buffers the pool of the outputs
 */
public record SessionSpec(ExecutionProvider provider, int threads, BufferPool buffers) {
    /**
     * The maximum size of the idle inputs that a graph keeps from run to run, in bytes, over all shapes. A graph always
     * keeps the inputs of one shape.
     */
    public static final long MAX_IDLE_INPUT_BYTES = 64L << 20;

    /** Throws an {@link IllegalArgumentException} if the number of threads is negative. */
    public SessionSpec {
        if (threads < 0) {
            throw new IllegalArgumentException("session: expected 0 (one per core) or more threads, got " + threads);
        }
    }
}
