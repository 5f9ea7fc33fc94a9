package io.zoetrope.decode;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.ByteBuffer;

/** The frames of one video in the format of video encoders: planar YUV 4:2:0, 8 bits, BT.709 limited range. */
public final class Frames implements Pooled {
    private final PooledBuffer memory;
    private final int count;
    private final int width;
    private final int height;

    /**
     * Creates frames that own the given memory.
     *
     * @param memory the frames one after another, each as its planes Y [height,width], U and V [height/2,width/2]; rows
     *     have no padding
     * @param count the number of frames, at least 1
     * @param width the width in pixels, even
     * @param height the height in pixels, even
     * @throws IllegalArgumentException if a side is odd or the memory is not of this size
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

    /**
     * Returns a read-only view outside the heap with an independent position; it must not be used after the close.
     */
    public ByteBuffer yuv() {
        return memory.bytes().asReadOnlyBuffer();
    }

    /** Returns the number of frames. */
    public int count() {
        return count;
    }

    /** Returns the width in pixels. */
    public int width() {
        return width;
    }

    /** Returns the height in pixels. */
    public int height() {
        return height;
    }

    @Override
    public void close() {
        memory.close();
    }
}
