package io.zoetrope.decode;

import java.nio.ByteBuffer;

/**
 * The pictures of one video as a video encoder eats them: planar YUV 4:2:0, 8 bits, BT.709 limited range.
 *
 * @param yuv frame after frame, each its Y plane [height,width], then U, then V [height/2,width/2]; rows without padding
 * @param count frames, at least 1
 * @param width in pixels, even
 * @param height in pixels, even
 */
public record Frames(ByteBuffer yuv, int count, int width, int height) {
    /** Refuses with an {@link IllegalArgumentException} odd sides and any other number of bytes. */
    public Frames {
        yuv = yuv.slice().asReadOnlyBuffer();
        if (count < 1 || width < 2 || height < 2 || width % 2 != 0 || height % 2 != 0) {
            throw new IllegalArgumentException("frames: expected at least 1 frame with even sides of at least 2, got "
                    + count + " of " + width + "x" + height);
        }
        long expected = (long) count * width * height * 3 / 2;
        if (yuv.capacity() != expected) {
            throw new IllegalArgumentException("frames: expected " + count + " x " + width + "x" + height + " x 3/2 = "
                    + expected + " bytes, got " + yuv.capacity());
        }
    }

    /** A read-only view with its own position. */
    @Override
    public ByteBuffer yuv() {
        return yuv.duplicate();
    }
}
