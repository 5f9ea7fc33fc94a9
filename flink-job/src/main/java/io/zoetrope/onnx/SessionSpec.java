package io.zoetrope.onnx;

import io.zoetrope.buffer.BufferPool;

/**
 * What a graph is opened with.
 *
 * @param provider what it runs on
 * @param threads on the CPU for a run, itself included; runs side by side share all but their own; 0 for one a core
 * @param buffers where its outputs are taken from
 */
public record SessionSpec(ExecutionProvider provider, int threads, BufferPool buffers) {
    /** A graph's inputs are kept from run to run, of each shape seen, up to this many bytes; those of one shape always. */
    public static final long MAX_IDLE_INPUT_BYTES = 64L << 20;

    /** Refuses a negative number of threads with an {@link IllegalArgumentException}. */
    public SessionSpec {
        if (threads < 0) {
            throw new IllegalArgumentException("session: expected 0 (one a core) or more threads, got " + threads);
        }
    }
}
