package io.zoetrope.image;

import java.nio.ByteBuffer;

/** Turns the bytes of an image file into what the model reads. Safe for many threads at once. */
public interface PictureReader {
    /**
     * Decodes an image that may come from anyone, cuts its middle out in the model's aspect, and scales that.
     *
     * @param image its position is left as it is
     * @return a picture in the model's size
     * @throws io.zoetrope.failure.RequestException IMAGE_REJECTED if these bytes are not an image that is read here, or
     *     one too large
     */
    Picture read(ByteBuffer image);

    /** A picture of nothing in the model's size, to try an encoder with. */
    Picture blank();
}
