package io.zoetrope.decode;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.ByteBuffer;

/** The pictures of one video as a video encoder eats them: planar YUV 4:2:0, 8 bits, BT.709 limited range. */
public final class Frames implements Pooled {
    private final PooledBuffer memory;
    private final int count;
    private final int width;
    private final int height;

    /**
     * Takes its memory over.
     *
     * @param memory frame after frame, each its Y plane [height,width], then U, then V [height/2,width/2]; rows without
     *     padding
     * @param count frames, at least 1
     * @param width in pixels, even
     * @param height in pixels, even
     * @throws IllegalArgumentException for odd sides and any other number of bytes
     */
    public Frames(PooledBuffer memory, int count, int width, int height) {
        if (count < 1 || width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
            throw new IllegalArgumentException("frames: expected at least 1 frame with even sides of at least 2, got "
                    + count + " of " + width + "x" + height);
        }
        long expected = (long) count * width * height * 3 / 2;
        if (memory.size() != expected) {
            throw new IllegalArgumentException("frames: expected " + count + " x " + width + "x" + height + " x 3/2 = "
                    + expected + " bytes, got " + memory.size());
        }
        this.memory = memory;
        this.count = count;
        this.width = width;
        this.height = height;
    }

    /** A read-only view with its own position, outside the heap, for as long as this is open. */
    public ByteBuffer yuv() {
        return memory.bytes().asReadOnlyBuffer();
    }

    /** How many frames there are. */
    public int count() {
        return count;
    }

    /** In pixels. */
    public int width() {
        return width;
    }

    /** In pixels. */
    public int height() {
        return height;
    }

    @Override
    public void close() {
        memory.close();
    }
}
