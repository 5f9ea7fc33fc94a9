package io.zoetrope.imageio;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.image.Picture;
import io.zoetrope.image.PictureReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * A reader of PNG and JPEG. It checks the cost of an image by its first bytes and its header before it decodes
 * anything.
 *
 * <p>It ignores orientation (EXIF), colour profiles and other metadata: it reads pixels as sRGB, in the file's order.
 * Transparent pixels become black.
 */
public final class ImageIoReader implements PictureReader {
    /** The largest file, which is as large as an event may be. */
    static final int MAX_BYTES = 8 << 20;

    /** The maximum number of pixels: a frame of 4K video. With four channels of 16 bits, decoding takes 64 MiB. */
    static final long MAX_PIXELS = 4096L * 2160;

    /** The maximum length of a side. It is bounded because a whole row of pixels is held as numbers at once. */
    static final int MAX_SIDE = 8192;

    private final int width;
    private final int height;

    /**
     * Creates a reader for a model whose videos have the given size.
     *
     * @param width the width in pixels
     * @param height the height in pixels
     */
    public ImageIoReader(int width, int height) {
        this.width = width;
        this.height = height;
    }

    @Override
    public Picture read(ByteBuffer image) {
        if (image.remaining() > MAX_BYTES) {
            throw rejected("expected at most " + MAX_BYTES + " bytes, got " + image.remaining() + "; scale it to "
                    + width + "x" + height + ", the model reads no more");
        }
        byte[] bytes = new byte[image.remaining()];
        image.duplicate().get(bytes);
        ImageFormat format = ImageFormat.of(bytes)
                .orElseThrow(
                        () -> rejected("expected a PNG or JPEG file, got " + bytes.length + " bytes that begin with 0x"
                                + ImageFormat.firstBytes(bytes) + "; send the bytes of such a file without changes"));
        if (format == ImageFormat.JPEG) {
            checkMarkers(JpegMarkers.of(bytes), bytes);
        }
        return new Picture(ByteBuffer.wrap(Resize.toFill(decode(bytes, format), width, height)), width, height);
    }

    @Override
    public Picture blank() {
        return new Picture(ByteBuffer.allocate(width * height * 3), width, height);
    }

    private static void checkMarkers(JpegMarkers markers, byte[] bytes) {
        if (markers.scans() > JpegMarkers.MAX_SCANS) {
            throw rejected("expected a JPEG of at most " + JpegMarkers.MAX_SCANS + " scans, got " + markers.scans()
                    + "; save it again");
        }
        if (!markers.hasEnd()) {
            throw undecodable(ImageFormat.JPEG, bytes, "it has no end marker after its last scan");
        }
    }

    /** Decodes an image. The bytes are untrusted, so any exception of a decoder is a fault of the image. */
    private BufferedImage decode(byte[] bytes, ImageFormat format) {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format.name()).next();
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            int sourceWidth = reader.getWidth(0);
            int sourceHeight = reader.getHeight(0);
            if (Math.max(sourceWidth, sourceHeight) > MAX_SIDE || (long) sourceWidth * sourceHeight > MAX_PIXELS) {
                throw rejected("expected sides of at most " + MAX_SIDE + " and at most " + MAX_PIXELS
                        + " pixels, got " + sourceWidth + "x" + sourceHeight + "; scale it to " + width + "x" + height
                        + ", the model reads no more");
            }
            return reader.read(0);
        } catch (RequestException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw undecodable(format, bytes, e.toString());
        } finally {
            reader.dispose();
        }
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
