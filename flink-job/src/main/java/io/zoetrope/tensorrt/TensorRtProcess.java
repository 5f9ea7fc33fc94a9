package io.zoetrope.tensorrt;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** TensorRT in this process: its libraries, and the sessions of the lanes. */
public final class TensorRtProcess {
    private final Libraries libraries;
    private final GpuSessions sessions;
    private final LongSupplier nanoTime;
    private final Map<Integer, Object> buildLocks = new ConcurrentHashMap<>();

    /** The libraries of this process, loaded at the first use. */
    private static final class Loaded {
        private static final TensorRtProcess PROCESS = new TensorRtProcess(BytedecoLibraries.open(), System::nanoTime);
    }

    TensorRtProcess(Libraries libraries, LongSupplier nanoTime) {
        this.libraries = libraries;
        sessions = new GpuSessions(libraries);
        this.nanoTime = nanoTime;
    }

    /**
     * Returns TensorRT in this process; loads its libraries at the first call.
     *
     * @throws IllegalStateException if they cannot be loaded on this machine
     */
    public static TensorRtProcess processWide() {
        BytedecoLibraries.require();
        return Loaded.PROCESS;
    }

    /** Returns why this process cannot use a GPU; empty if it can. */
    public static Optional<String> fault(int device) {
        try {
            processWide().libraries().requireDevice(device);
            return Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
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
