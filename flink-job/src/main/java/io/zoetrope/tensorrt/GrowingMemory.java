package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one use in all runs of a lane, as large as the largest run so far: on the device or page-locked on the host.
 * It is replaced between runs only, so no work reads or writes the old memory.
 */
final class GrowingMemory {
    private final GpuSession session;
    private long address;
    private long bytes;
    private @Nullable ByteBuffer pinned;

    GrowingMemory(GpuSession session) {
        this.session = session;
    }

    /**
     * Returns the address of at least this much memory on the device; its content is undefined.
     *
     * @throws CudaFault if the device has too little
     */
    long onDevice(long needed) {
        if (needed > bytes) {
            freeDevice();
            address = session.allocate(needed);
            bytes = needed;
        }
        return address;
    }

    /** Returns at least this much page-locked memory; its content is undefined. */
    ByteBuffer onHost(int needed) {
        ByteBuffer held = pinned;
        if (held == null || held.capacity() < needed) {
            freeHost();
            held = session.cuda().allocatePinned(needed);
            pinned = held;
        }
        return held;
    }

    private void freeDevice() {
        long old = address;
        address = 0;
        bytes = 0;
        if (old != 0) {
            session.cuda().free(old);
        }
    }

    private void freeHost() {
        ByteBuffer old = pinned;
        pinned = null;
        if (old != null) {
            session.cuda().freePinned(old);
        }
    }

    /** Frees the memory. */
    void close(Closing closing) {
        closing.then(this::freeDevice).then(this::freeHost);
    }
}
