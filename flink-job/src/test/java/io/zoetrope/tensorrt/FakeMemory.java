package io.zoetrope.tensorrt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The memory of fake devices and of the host: who uses what after its end is a broken promise. */
final class FakeMemory {
    private static final class Block {
        private final int device;
        private final byte[] bytes;
        private boolean free;

        Block(int device, int size) {
            this.device = device;
            bytes = new byte[size];
            Arrays.fill(bytes, (byte) 0x5A); // undefined is not zero
        }
    }

    private final List<String> broken;
    private final TreeMap<Long, Block> blocks = new TreeMap<>();
    private final IdentityHashMap<ByteBuffer, Boolean> pinned = new IdentityHashMap<>();
    private long next = 1L << 32;

    FakeMemory(List<String> broken) {
        this.broken = broken;
    }

    long allocate(int device, long size) {
        long address = next;
        next += (size + 511) / 256 * 256;
        blocks.put(address, new Block(device, Math.toIntExact(size)));
        return address;
    }

    void free(long address, int device) {
        Block block = blocks.get(address);
        if (block == null || block.free) {
            broken.add("double free: memory " + Long.toHexString(address));
            return;
        }
        if (block.device != device) {
            broken.add("memory of device " + block.device + " is freed on a thread that uses device " + device);
        }
        block.free = true;
    }

    ByteBuffer allocatePinned(int bytes) {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        pinned.put(buffer, true);
        return buffer;
    }

    void freePinned(ByteBuffer buffer) {
        if (!Boolean.TRUE.equals(pinned.put(buffer, false))) {
            broken.add("double free: page-locked memory");
        }
    }

    /** Returns bytes of the host from the start of page-locked memory. */
    byte[] readPinned(ByteBuffer buffer, int bytes) {
        requirePinned(buffer);
        byte[] copy = new byte[bytes];
        buffer.get(0, copy);
        return copy;
    }

    void writePinned(ByteBuffer buffer, byte[] bytes) {
        requirePinned(buffer);
        buffer.put(0, bytes);
    }

    void requirePinned(ByteBuffer buffer) {
        if (!Boolean.TRUE.equals(pinned.get(buffer))) {
            broken.add("use after free: page-locked memory");
        }
    }

    byte[] read(long address, int bytes, int device) {
        Map.Entry<Long, Block> entry = require(address, bytes, device);
        byte[] copy = new byte[bytes];
        if (entry != null) {
            System.arraycopy(entry.getValue().bytes, (int) (address - entry.getKey()), copy, 0, bytes);
        }
        return copy;
    }

    void write(long address, byte[] bytes, int device) {
        Map.Entry<Long, Block> entry = require(address, bytes.length, device);
        if (entry != null) {
            System.arraycopy(bytes, 0, entry.getValue().bytes, (int) (address - entry.getKey()), bytes.length);
        }
    }

    /** Checks that work may use memory; null if it may not. */
    Map.@Nullable Entry<Long, Block> require(long address, long bytes, int device) {
        Map.Entry<Long, Block> entry = blocks.floorEntry(address);
        if (entry == null || address + bytes > entry.getKey() + entry.getValue().bytes.length) {
            broken.add("work outside of memory: " + bytes + " bytes at " + Long.toHexString(address));
            return null;
        }
        if (entry.getValue().free) {
            broken.add("use after free: memory " + Long.toHexString(entry.getKey()));
        }
        if (entry.getValue().device != device) {
            broken.add("work of device " + device + " uses memory of device " + entry.getValue().device);
        }
        return entry;
    }

    /** Returns what was allocated and not freed. */
    Stream<String> leaks() {
        return Stream.concat(
                blocks.entrySet().stream()
                        .filter(block -> !block.getValue().free)
                        .map(block -> "leak: memory " + Long.toHexString(block.getKey())),
                pinned.values().stream().filter(used -> used).map(used -> "leak: page-locked memory"));
    }
}
