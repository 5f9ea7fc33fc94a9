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
 * Reads PNG and JPEG. What an image would cost is told from its first bytes and its header, before anything is decoded.
 *
 * <p>Orientation (EXIF), colour profiles and other metadata are not read: pixels are taken as sRGB, as they lie.
 * Transparency shows black.
 */
public final class ImageIoReader implements PictureReader {
    /** As large as an event may be. */
    static final int MOST_BYTES = 8 << 20;

    /** A frame of 4K video. With 16 bits for each of four channels, it takes 64 MiB to decode. */
    static final long MOST_PIXELS = 4096L * 2160;

    /** A row of pixels is taken apart at once. */
    static final int LONGEST_SIDE = 8192;

    private final int width;
    private final int height;

    /** A reader for a model whose videos have this size, in pixels. */
    public ImageIoReader(int width, int height) {
        this.width = width;
        this.height = height;
    }

    @Override
    public Picture read(ByteBuffer image) {
        if (image.remaining() > MOST_BYTES) {
            throw rejected("expected at most " + MOST_BYTES + " bytes, got " + image.remaining() + "; scale it to "
                    + width + "x" + height + ", more is not seen");
        }
        byte[] bytes = new byte[image.remaining()];
        image.duplicate().get(bytes);
        ImageFormat format = ImageFormat.of(bytes)
                .orElseThrow(
                        () -> rejected("expected a PNG or JPEG file, got " + bytes.length + " bytes that begin with 0x"
                                + ImageFormat.beginning(bytes) + "; send the bytes of such a file as they are"));
        if (format == ImageFormat.JPEG) {
            check(JpegMarkers.of(bytes), bytes);
        }
        return new Picture(ByteBuffer.wrap(Resize.toFill(decode(bytes, format), width, height)), width, height);
    }

    @Override
    public Picture blank() {
        return new Picture(ByteBuffer.allocate(width * height * 3), width, height);
    }

    private static void check(JpegMarkers markers, byte[] bytes) {
        if (markers.scans() > JpegMarkers.MOST_SCANS) {
            throw rejected("expected a JPEG of at most " + JpegMarkers.MOST_SCANS + " scans, got " + markers.scans()
                    + "; save it again");
        }
        if (!markers.ends()) {
            throw broken(ImageFormat.JPEG, bytes, "it ends too soon");
        }
    }

    /** Decoders meet bytes from anyone, so whatever they throw is the image's fault. */
    private BufferedImage decode(byte[] bytes, ImageFormat format) {
        ImageReader reader = ImageIO.getImageReadersByFormatName(format.name()).next();
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(stream, true, true);
            int sourceWidth = reader.getWidth(0);
            int sourceHeight = reader.getHeight(0);
            if (Math.max(sourceWidth, sourceHeight) > LONGEST_SIDE || (long) sourceWidth * sourceHeight > MOST_PIXELS) {
                throw rejected("expected sides of at most " + LONGEST_SIDE + " and at most " + MOST_PIXELS
                        + " pixels, got " + sourceWidth + "x" + sourceHeight + "; scale it to " + width + "x" + height
                        + ", more is not seen");
            }
            return reader.read(0);
        } catch (RequestException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw broken(format, bytes, e.toString());
        } finally {
            reader.dispose();
        }
    }

    /** Without a cause, for a stack trace in the log would say no more: the fault is the sender's. */
    private static RequestException broken(ImageFormat format, byte[] bytes, String why) {
        return rejected("this " + format + " of " + bytes.length + " bytes cannot be decoded (" + why
                + "); see whether it came whole, or save it as 8-bit RGB");
    }

    private static RequestException rejected(String message) {
        return new RequestException(FailureCode.IMAGE_REJECTED, "image", "first_frame: " + message);
    }
}
