package io.zoetrope.image;

import java.nio.ByteBuffer;

/** Turns the bytes of an image file into a picture of the model's size. It is safe for many threads at once. */
public interface PictureReader {
    /**
     * Decodes an untrusted image, turns it as viewers do, crops its centre to the model's aspect ratio and scales the crop.
     * Fails soon if the thread is interrupted.
     *
     * @param image the bytes of the file; the buffer's position does not change
     * @return a picture of the model's size
     * @throws io.zoetrope.failure.RequestException IMAGE_REJECTED if the bytes are not an image of a supported format,
     *     or the image is too large, or if the thread is interrupted
     */
    Picture read(ByteBuffer image);

    /** Returns a black picture of the model's size, to test an encoder with. */
    Picture blank();
}
