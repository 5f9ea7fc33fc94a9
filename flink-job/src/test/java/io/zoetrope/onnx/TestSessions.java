package io.zoetrope.onnx;

import io.zoetrope.buffer.BufferPool;

/** The session settings with which tests open a bundle's graphs. */
final class TestSessions {
    private TestSessions() {}

    static SessionSpec withOneThread() {
        return with(1, new BufferPool(1 << 20));
    }

    static SessionSpec with(int threads, BufferPool buffers) {
        return new SessionSpec(new ExecutionProvider.Cpu(), threads, buffers);
    }
}
