package io.zoetrope.tensorrt;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** TensorRT in this process: its libraries, and the sessions of the lanes. */
public final class TensorRtProcess {
    private final Libraries libraries;
    private final GpuSessions sessions;
    private final LongSupplier nanoTime;
    private final Map<Integer, Object> buildLocks = new ConcurrentHashMap<>();

    TensorRtProcess(Libraries libraries, LongSupplier nanoTime) {
        this.libraries = libraries;
        sessions = new GpuSessions(libraries);
        this.nanoTime = nanoTime;
    }

    Libraries libraries() {
        return libraries;
    }

    GpuSessions sessions() {
        return sessions;
    }

    LongSupplier nanoTime() {
        return nanoTime;
    }

    /**
     * Returns the lock of a build. Two builds at once on a GPU would measure each other's load. Builds that are kept take
     * turns in the whole process, so that GPUs of one kind find the engine that the first of them has built.
     */
    Object buildLock(int device, boolean kept) {
        return buildLocks.computeIfAbsent(kept ? -1 : device, key -> new Object());
    }
}
