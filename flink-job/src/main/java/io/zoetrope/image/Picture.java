package io.zoetrope.image;

import java.nio.ByteBuffer;

/**
 * An image in the size that the model reads.
 *
 * @param rgb red, green and blue of each pixel, 8 bit, row-major [height, width, 3]
 * @param width in pixels
 * @param height in pixels
 */
public record Picture(ByteBuffer rgb, int width, int height) {
    /** Refuses with an {@link IllegalArgumentException} bytes that are not of this size. */
    public Picture {
        rgb = rgb.slice().asReadOnlyBuffer();
        if (width < 1 || height < 1 || rgb.capacity() != 3L * width * height) {
            throw new IllegalArgumentException("picture: expected " + width + "x" + height + " pixels of 3 bytes, got "
                    + rgb.capacity() + " bytes");
        }
    }

    /** A read-only view with its own position. */
    @Override
    public ByteBuffer rgb() {
        return rgb.duplicate();
    }
}
