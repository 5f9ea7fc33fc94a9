package io.zoetrope.onnx;

import io.zoetrope.buffer.BufferPool;

/** How tests open a bundle's graphs. */
final class Opening {
    private Opening() {}

    static SessionSpec onOneThread() {
        return on(1, new BufferPool(1 << 20));
    }

    static SessionSpec on(int threads, BufferPool buffers) {
        return new SessionSpec(new ExecutionProvider.Cpu(), threads, buffers);
    }
}
