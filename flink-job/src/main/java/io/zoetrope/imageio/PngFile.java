package io.zoetrope.imageio;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads the structure of a PNG file: a signature, then chunks. The reduced file has the chunks that decide the pixels
 * only, so compressed texts and profiles never reach the decoder, however large they are.
 */
final class PngFile {
    private static final int SIGNATURE_LENGTH = 8;
    /** The length, the type and the checksum of a chunk. */
    private static final int CHUNK_OVERHEAD = 12;

    private static final int HEADER_LENGTH = 13;
    private static final int COLOUR_TYPE = 9;
    private static final int PALETTE = 3;

    private PngFile() {}

    /**
     * Reads a file up to its last chunk.
     *
     * @param png the file, which starts with the signature
     * @throws UnreadableImageException if it is not complete
     */
    static ImageFile read(byte[] png) throws UnreadableImageException {
        ByteBuffer in = ByteBuffer.wrap(png).position(SIGNATURE_LENGTH);
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        kept.write(png, 0, SIGNATURE_LENGTH);
        ByteBuffer header = null;
        Orientation orientation = null;
        String type;
        do {
            int start = in.position();
            long length = in.remaining() < CHUNK_OVERHEAD ? Long.MAX_VALUE : Integer.toUnsignedLong(in.getInt());
            if (length > in.remaining() - (CHUNK_OVERHEAD - Integer.BYTES)) {
                throw new UnreadableImageException("its chunk at byte " + start + " is not complete");
            }
            type = new String(png, in.position(), Integer.BYTES, StandardCharsets.ISO_8859_1);
            ByteBuffer content = in.slice(in.position() + Integer.BYTES, (int) length);
            in.position(start + CHUNK_OVERHEAD + (int) length);
            if (header == null && (!type.equals("IHDR") || length != HEADER_LENGTH)) {
                throw new UnreadableImageException("it does not start with an image header");
            }
            header = header == null ? content : header;
            if (type.equals("eXIf") && orientation == null) {
                orientation = Exif.orientation(content);
            }
            if (decidesPixels(type)) {
                kept.write(png, start, in.position() - start);
            }
        } while (!type.equals("IEND"));
        return new ImageFile(
                kept.toByteArray(),
                side(header.getInt(0)),
                side(header.getInt(4)),
                channels(header.get(COLOUR_TYPE)),
                1,
                orientation == null ? Orientation.UPRIGHT : orientation);
    }

    /** Returns whether a decoder needs a chunk: a critical one, which has a capital first letter, or transparency. */
    private static boolean decidesPixels(String type) {
        return Character.isUpperCase(type.charAt(0)) || type.equals("tRNS");
    }

    private static int side(int value) throws UnreadableImageException {
        if (value <= 0) {
            throw new UnreadableImageException("a side of it has " + Integer.toUnsignedString(value) + " pixels");
        }
        return value;
    }

    /** Returns the number of channels: the bits of a colour type mean palette, colour, alpha. */
    private static int channels(byte colourType) {
        if (colourType == PALETTE) {
            return 1;
        }
        return ((colourType & 2) == 0 ? 1 : 3) + ((colourType & 4) == 0 ? 0 : 1);
    }
}
