package io.zoetrope.onnx;

import io.zoetrope.buffer.BufferPool;

/**
 * What a graph is opened with.
 *
 * @param provider what it runs on
 * @param threads on the CPU for a run, itself included; runs side by side share all but their own; 0 for one a core
 * @param buffers where its outputs are taken from
 */
public record SessionTerms(ExecutionProvider provider, int threads, BufferPool buffers) {
    /** Refuses a negative number of threads with an {@link IllegalArgumentException}. */
    public SessionTerms {
        if (threads < 0) {
            throw new IllegalArgumentException("session: expected 0 (one a core) or more threads, got " + threads);
        }
    }
}
