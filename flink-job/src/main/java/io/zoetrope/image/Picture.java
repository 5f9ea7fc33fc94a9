package io.zoetrope.image;

import java.nio.ByteBuffer;

/**
 * A decoded image of the size that the model reads.
 *
 * @param rgb red, green and blue of each pixel, 8 bits each, row-major [height, width, 3]
 * @param width the width in pixels
 * @param height the height in pixels
 */
public record Picture(ByteBuffer rgb, int width, int height) {
    /** Throws an {@link IllegalArgumentException} if the number of bytes is not that of the size. */
    public Picture {
        rgb = rgb.slice().asReadOnlyBuffer();
        if (width < 1 || height < 1 || rgb.capacity() != 3L * width * height) {
            throw new IllegalArgumentException("picture: expected " + width + "x" + height + " pixels of 3 bytes, got "
                    + rgb.capacity() + " bytes");
        }
    }

    /** Returns a read-only view with an independent position. */
    @Override
    public ByteBuffer rgb() {
        return rgb.duplicate();
    }
}
