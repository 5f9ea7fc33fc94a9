package io.zoetrope.fuzz;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.image.Picture;
import io.zoetrope.imageio.ImageIoReader;
import java.nio.ByteBuffer;

/** Any bytes as a first frame: they are a picture of the model's size, or a failure of the sender. */
public final class ImageTarget {
    private static final int WIDTH = 16;
    private static final int HEIGHT = 8;
    /** Small limits, so that the time of an input is that of finding faults and not that of decoding. */
    private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 1 << 13, 1024, 20);
    /** A decoded image of the most pixels with four channels of 16 bits, several times over. */
    private static final long MOST_BYTES = 64L << 20;

    private static final ImageIoReader READER = new ImageIoReader(WIDTH, HEIGHT, LIMITS);

    private ImageTarget() {}

    /** Runs one input; the fuzzer calls it by this name. */
    public static void fuzzerTestOneInput(byte[] file) {
        Promises.runWithin(MOST_BYTES, () -> read(file));
    }

    private static void read(byte[] file) {
        try {
            Picture picture = READER.read(ByteBuffer.wrap(file));
            Promises.require(picture.width() == WIDTH && picture.height() == HEIGHT, "a picture of another size");
        } catch (RequestException e) {
            Promises.checkFailure(e, FailureCode.IMAGE_REJECTED);
        }
    }
}
