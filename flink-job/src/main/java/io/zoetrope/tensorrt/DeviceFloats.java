package io.zoetrope.tensorrt;

import io.zoetrope.buffer.FloatMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Float32 numbers on a device: a part of a block of its pool, or all of it. The last of a block's parts to be closed, on
 * any thread, returns the block. The work that wrote the numbers is done before another thread gets them.
 */
final class DeviceFloats implements FloatMemory {
    /** Memory that was allocated at once, with the number of its parts in use. */
    static final class Block {
        private final DevicePool pool;
        private final long address;
        private final long capacity;
        private final AtomicInteger parts = new AtomicInteger(1);

        Block(DevicePool pool, long address, long capacity) {
            this.pool = pool;
            this.address = address;
            this.capacity = capacity;
        }

        long address() {
            return address;
        }

        long capacity() {
            return capacity;
        }

        /** Marks an idle block as one part in use. */
        Block taken() {
            parts.set(1);
            return this;
        }

        private void closePart() {
            if (parts.decrementAndGet() == 0) {
                pool.giveBack(this);
            }
        }
    }

    private final Block block;
    private final long offset;
    private final int size;
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable ByteBuffer onHost;

    DeviceFloats(Block block, long offset, int size) {
        this.block = block;
        this.offset = offset;
        this.size = size;
    }

    @Override
    public int size() {
        return size;
    }

    /** Returns the count of numbers. */
    long count() {
        return size / Float.BYTES;
    }

    /** Returns whether a stage on this device can read the numbers without a copy to the host. */
    boolean isOn(int device) {
        return block.pool.device() == device;
    }

    /**
     * Returns the address on the device.
     *
     * @throws IllegalStateException if this part is closed
     */
    long address() {
        checkOpen();
        return block.address + offset;
    }

    /** Splits the numbers into equal parts, each for a new owner to close, and closes this part. */
    List<DeviceFloats> split(int count) {
        checkOpen();
        List<DeviceFloats> split = new ArrayList<>(count);
        block.parts.addAndGet(count);
        for (int i = 0; i < count; i++) {
            split.add(new DeviceFloats(block, offset + (long) i * (size / count), size / count));
        }
        close();
        return split;
    }

    /** Copies the numbers to the host, the first time. The calling thread then uses their device. */
    @Override
    public synchronized FloatBuffer floats() {
        checkOpen();
        ByteBuffer copy = onHost;
        if (copy == null) {
            copy = download();
            onHost = copy;
        }
        return copy.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    private ByteBuffer download() {
        Cuda cuda = block.pool.cuda();
        cuda.use(block.pool.device());
        ByteBuffer pinned = cuda.allocatePinned(size);
        try {
            long stream = cuda.createStream();
            try {
                cuda.download(pinned, address(), size, stream);
                cuda.synchronize(stream);
            } finally {
                cuda.destroyStream(stream);
            }
            return ByteBuffer.allocateDirect(size).put(0, pinned, 0, size);
        } finally {
            cuda.freePinned(pinned);
        }
    }

    private void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("device memory of " + size
                    + " bytes: it is closed and may have another owner; read it before its owner closes it");
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            block.closePart();
        }
    }
}
