package io.zoetrope.imageio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the structure of a JPEG file: segments that each start with a marker, and the pixel data of each scan.
 *
 * <p>The reduced file has one of two headers, which tells the decoder how the three channels are meant as other
 * decoders understand them. Without a header, the JDK's decoder takes YCbCr that is not subsampled for RGB.
 */
final class JpegFile {
    private static final int MARKER = 0xff;
    private static final int START_OF_IMAGE = 0xd8;
    private static final int END_OF_IMAGE = 0xd9;
    private static final int START_OF_SCAN = 0xda;
    private static final int APP0 = 0xe0;
    private static final int APP1 = 0xe1;
    private static final int APP14 = 0xee;
    private static final int APP15 = 0xef;
    private static final int COMMENT = 0xfe;

    /** The frame types of 8-bit Huffman coding, which the decoder supports: baseline, extended, progressive. */
    private static final int FIRST_FRAME = 0xc0;

    private static final int LAST_SUPPORTED_FRAME = 0xc2;
    private static final int LAST_FRAME = 0xcf;
    private static final int HUFFMAN_TABLES = 0xc4;
    private static final int JPEG_EXTENSIONS = 0xc8;
    private static final int ARITHMETIC_CONDITIONS = 0xcc;

    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] JFIF = "JFIF\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ADOBE = "Adobe".getBytes(StandardCharsets.US_ASCII);
    private static final int ADOBE_TRANSFORM = 11;

    private static final byte[] JFIF_HEADER = {
        (byte) 0xff, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };
    private static final byte[] RGB_HEADER = {
        (byte) 0xff, (byte) APP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };

    private final byte[] bytes;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private int at = 2;
    private int scans;
    private boolean jfif;
    private boolean adobe;
    private int adobeTransform;
    private @Nullable ByteBuffer frame;
    private @Nullable Orientation orientation;

    private JpegFile(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a file up to its end marker.
     *
     * @param jpeg the file, which starts with the start marker
     * @throws UnreadableImageException if it is not complete, or of a kind that the decoder does not support
     */
    static ImageFile read(byte[] jpeg) throws UnreadableImageException {
        JpegFile file = new JpegFile(jpeg);
        int marker = file.marker();
        while (marker != END_OF_IMAGE) {
            file.segment(marker);
            marker = file.marker();
        }
        return file.reduced();
    }

    /** Moves behind the next marker that begins a segment, and returns it. */
    private int marker() throws UnreadableImageException {
        while (at + 1 < bytes.length) {
            int second = bytes[at + 1] & 0xff;
            // Two bytes ff are padding, ff00 is an ff of the pixel data, and d0 to d7 only divide the pixel data.
            if ((bytes[at] & 0xff) == MARKER && second > 1 && second != MARKER && (second < 0xd0 || second > 0xd7)) {
                at += 2;
                return second;
            }
            at++;
        }
        throw new UnreadableImageException(
                scans > 0 ? "it has no end marker after its last scan" : "it ends before its pixels");
    }

    private void segment(int marker) throws UnreadableImageException {
        if (marker == START_OF_IMAGE) {
            throw new UnreadableImageException("another image starts in it at byte " + (at - 2));
        }
        int length = at + 1 < bytes.length ? (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff) : 0;
        if (length < 2 || at + length > bytes.length) {
            throw new UnreadableImageException("its segment at byte " + (at - 2) + " is not complete");
        }
        ByteBuffer content = ByteBuffer.wrap(bytes, at + 2, length - 2).slice();
        int start = at - 2;
        at += length;
        if (marker == START_OF_SCAN) {
            scans++;
            int dataEnd = endOfScan();
            kept.write(bytes, start, dataEnd - start);
            at = dataEnd;
        } else if ((marker >= APP0 && marker <= APP15) || marker == COMMENT) {
            metadata(marker, content);
        } else {
            if (isFrame(marker)) {
                frame(marker, content);
            }
            kept.write(bytes, start, at - start);
        }
    }

    /** Returns the position of the first marker behind the pixel data that starts here. */
    private int endOfScan() throws UnreadableImageException {
        int dataStart = at;
        marker();
        int end = at - 2;
        at = dataStart;
        return end;
    }

    private void metadata(int marker, ByteBuffer content) {
        if (marker == APP0 && startsWith(content, JFIF)) {
            jfif = true;
        } else if (marker == APP14 && startsWith(content, ADOBE) && content.limit() > ADOBE_TRANSFORM) {
            adobe = true;
            adobeTransform = content.get(ADOBE_TRANSFORM);
        } else if (marker == APP1 && startsWith(content, EXIF) && orientation == null) {
            orientation = Exif.orientation(content.position(EXIF.length));
        }
    }

    private static boolean isFrame(int marker) {
        return marker >= FIRST_FRAME
                && marker <= LAST_FRAME
                && marker != HUFFMAN_TABLES
                && marker != JPEG_EXTENSIONS
                && marker != ARITHMETIC_CONDITIONS;
    }

    private void frame(int marker, ByteBuffer content) throws UnreadableImageException {
        if (marker > LAST_SUPPORTED_FRAME || content.limit() < 6 || content.get(0) != 8) {
            throw new UnreadableImageException("it is not of 8 bits in baseline or progressive Huffman coding");
        }
        if (frame != null || content.limit() < 6 + 3 * (content.get(5) & 0xff)) {
            throw new UnreadableImageException("its frame header is damaged");
        }
        frame = content;
    }

    private ImageFile reduced() throws UnreadableImageException {
        if (frame == null || scans == 0) {
            throw new UnreadableImageException("it has no pixels");
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream(kept.size() + 32);
        file.write(MARKER);
        file.write(START_OF_IMAGE);
        file.writeBytes(isRgb(frame) ? RGB_HEADER : JFIF_HEADER);
        file.writeBytes(kept.toByteArray());
        file.write(MARKER);
        file.write(END_OF_IMAGE);
        return new ImageFile(
                file.toByteArray(),
                Short.toUnsignedInt(frame.getShort(3)),
                Short.toUnsignedInt(frame.getShort(1)),
                frame.get(5) & 0xff,
                scans,
                orientation == null ? Orientation.UPRIGHT : orientation);
    }

    /** Returns whether three channels are RGB and not YCbCr, by the rules of libjpeg, which most viewers use. */
    private boolean isRgb(ByteBuffer header) {
        if (header.get(5) != 3 || jfif) {
            return false;
        }
        if (adobe) {
            return adobeTransform == 0;
        }
        return header.get(6) == 'R' && header.get(9) == 'G' && header.get(12) == 'B';
    }

    private static boolean startsWith(ByteBuffer content, byte[] start) {
        return content.limit() >= start.length
                && Arrays.equals(
                        content.array(),
                        content.arrayOffset(),
                        content.arrayOffset() + start.length,
                        start,
                        0,
                        start.length);
    }
}
