package io.zoetrope.tensorrt;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * A pool of memory on one device. The lane's thread takes memory; any thread gives it back, which calls no CUDA: freeing
 * waits for the device, and that thread may be one that encodes. After the close, memory that comes back is freed at
 * once.
 */
final class DevicePool {
    /** The memory that the pool keeps while it is not in use. */
    private static final long MOST_IDLE_BYTES = 256L << 20;
    /** Sizes are rounded up to a multiple of this, so that similar shapes share memory. */
    private static final long GRAIN = 64 << 10;

    private final Cuda cuda;
    private final int device;
    /** The idle blocks, the last used first. */
    private final Deque<DeviceFloats.Block> idle = new ArrayDeque<>();

    private long idleBytes;
    private boolean closed;

    DevicePool(Cuda cuda, int device) {
        this.cuda = cuda;
        this.device = device;
    }

    int device() {
        return device;
    }

    Cuda cuda() {
        return cuda;
    }

    /**
     * Takes memory; its content is undefined. The calling thread uses the device.
     *
     * @throws CudaFault if the device has too little
     */
    DeviceFloats take(long bytes) {
        long capacity = (bytes + GRAIN - 1) / GRAIN * GRAIN;
        DeviceFloats.Block block = takeIdle(capacity);
        if (block == null) {
            trim(MOST_IDLE_BYTES);
            block = new DeviceFloats.Block(this, allocate(capacity), capacity);
        }
        return new DeviceFloats(block, 0, Math.toIntExact(bytes));
    }

    private synchronized DeviceFloats.@Nullable Block takeIdle(long capacity) {
        for (Iterator<DeviceFloats.Block> blocks = idle.iterator(); blocks.hasNext(); ) {
            DeviceFloats.Block block = blocks.next();
            if (block.capacity() == capacity) {
                blocks.remove();
                idleBytes -= capacity;
                return block.taken();
            }
        }
        return null;
    }

    /** Allocates memory; frees what is idle if there is not enough. */
    long allocate(long bytes) {
        try {
            return cuda.allocate(bytes);
        } catch (CudaFault e) {
            if (!e.isOutOfMemory() || !trim(0)) {
                throw e;
            }
            return cuda.allocate(bytes);
        }
    }

    /** Frees idle memory beyond a size; returns whether there was any. */
    private boolean trim(long mostBytes) {
        Deque<DeviceFloats.Block> freed = new ArrayDeque<>();
        synchronized (this) {
            while (idleBytes > mostBytes) {
                DeviceFloats.Block block = idle.removeLast();
                idleBytes -= block.capacity();
                freed.add(block);
            }
        }
        Closing closing = new Closing("memory of cuda:" + device);
        freed.forEach(block -> closing.then(() -> cuda.free(block.address())));
        return !freed.isEmpty();
    }

    void giveBack(DeviceFloats.Block block) {
        synchronized (this) {
            if (!closed) {
                idle.addFirst(block);
                idleBytes += block.capacity();
                return;
            }
        }
        new Closing("memory of cuda:" + device).then(() -> {
            cuda.use(device);
            cuda.free(block.address());
        });
    }

    /** Frees the idle memory. The memory in use is freed by its owners. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        trim(0);
    }
}
