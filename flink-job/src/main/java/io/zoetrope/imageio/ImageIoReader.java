package io.zoetrope.imageio;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.image.Picture;
import io.zoetrope.image.PictureReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reader of PNG and JPEG. It checks the cost of an image by its first bytes and its headers before it decodes
 * anything.
 *
 * <p>It turns the image as its Exif orientation says, and ignores all other metadata: it reads colours as sRGB.
 * Transparent pixels become black.
 */
public final class ImageIoReader implements PictureReader {
    private static final Logger LOG = LoggerFactory.getLogger(ImageIoReader.class);

    /**
     * The number of pixels above which every second, third, ... pixel of a row and every such row is decoded: a frame of
     * 4K video. With four channels of 16 bits, the decoded image takes 64 MiB.
     */
    static final long MAX_DECODED_PIXELS = 4096L * 2160;

    private static final int CMYK_CHANNELS = 4;

    private final int width;
    private final int height;
    private final ImageLimits limits;

    /**
     * Creates a reader for a model whose videos have the given size.
     *
     * @param width the width in pixels
     * @param height the height in pixels
     * @param limits the largest image that is decoded
     */
    public ImageIoReader(int width, int height, ImageLimits limits) {
        this.width = width;
        this.height = height;
        this.limits = limits;
    }

    @Override
    public Picture read(ByteBuffer image) {
        if (image.remaining() > limits.bytes()) {
            throw tooLarge("expected at most " + limits.bytes() + " bytes, got " + image.remaining());
        }
        byte[] bytes = new byte[image.remaining()];
        image.duplicate().get(bytes);
        ImageFormat format = ImageFormat.of(bytes)
                .orElseThrow(
                        () -> rejected("expected a PNG or JPEG file, got " + bytes.length + " bytes that begin with 0x"
                                + ImageFormat.firstBytes(bytes) + "; send the bytes of such a file without changes"));
        try {
            return picture(format, bytes);
        } catch (UnreadableImageException e) {
            throw undecodable(format, bytes, String.valueOf(e.getMessage()));
        } catch (RequestException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The bytes are untrusted, so any exception of a decoder is a fault of the image.
            LOG.debug("a {} of {} bytes cannot be decoded", format, bytes.length, e);
            throw undecodable(format, bytes, "its data are damaged, or of a kind that is not supported");
        }
    }

    @Override
    public Picture blank() {
        return new Picture(ByteBuffer.allocate(width * height * 3), width, height);
    }

    private Picture picture(ImageFormat format, byte[] bytes) throws UnreadableImageException, IOException {
        ImageFile file = switch (format) {
            case PNG -> PngFile.read(bytes);
            case JPEG -> JpegFile.read(bytes);
        };
        checkCost(file);
        if (format == ImageFormat.JPEG && file.channels() == CMYK_CHANNELS) {
            throw rejected("expected a JPEG in gray or RGB, got one in CMYK, whose colours depend on a printer; save it"
                    + " as RGB");
        }
        BufferedImage stored = decode(format, file);
        Orientation orientation = file.orientation();
        byte[] rgb =
                orientation.swapsSides() ? Resize.toFill(stored, height, width) : Resize.toFill(stored, width, height);
        return new Picture(ByteBuffer.wrap(orientation.shown(rgb, width, height)), width, height);
    }

    private void checkCost(ImageFile file) {
        long pixels = (long) file.width() * file.height();
        if (Math.max(file.width(), file.height()) > limits.side() || pixels > limits.pixels()) {
            throw tooLarge("expected sides of at most " + limits.side() + " and at most " + limits.pixels()
                    + " pixels, got " + file.width() + "x" + file.height());
        }
        if (file.scans() > limits.scans()) {
            throw rejected(
                    "expected a JPEG of at most " + limits.scans() + " scans, got " + file.scans() + "; save it again");
        }
    }

    private static BufferedImage decode(ImageFormat format, ImageFile file) throws IOException {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format.name()).next();
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(file.bytes()))) {
            reader.setInput(stream, true, true);
            int step = step(file.width(), file.height());
            ImageReadParam sampling = reader.getDefaultReadParam();
            sampling.setSourceSubsampling(step, step, first(step, file.width()), first(step, file.height()));
            reader.addIIOReadProgressListener(new EndOnInterrupt());
            BufferedImage decoded = reader.read(0, sampling);
            if (Thread.currentThread().isInterrupted()) { // the image may be incomplete
                throw rejected("the thread was interrupted before the image was decoded; send it again");
            }
            return decoded;
        } finally {
            reader.dispose();
        }
    }

    /** Returns the smallest distance of decoded pixels that keeps the decoded image within its size. */
    static int step(int width, int height) {
        int step = 1;
        while (decoded(width, step) * decoded(height, step) > MAX_DECODED_PIXELS) {
            step++;
        }
        return step;
    }

    private static long decoded(int side, int step) {
        return (side + step - 1L) / step;
    }

    /** Returns the first decoded pixel of a side: the middle of the first step. */
    private static int first(int step, int side) {
        return Math.min((step - 1) / 2, side - 1);
    }

    private RequestException tooLarge(String fact) {
        return rejected(fact + "; scale it to " + width + "x" + height + ", the model reads no more");
    }

    /**
     * Returns an exception without a cause: the fault is the sender's, and a stack trace in the log would add nothing.
     */
    private static RequestException undecodable(ImageFormat format, byte[] bytes, String why) {
        return rejected("this " + format + " of " + bytes.length + " bytes cannot be decoded (" + why
                + "); check that it is complete, or save it as 8-bit RGB");
    }

    private static RequestException rejected(String message) {
        return new RequestException(FailureCode.IMAGE_REJECTED, "image", "first_frame: " + message);
    }
}
