package io.zoetrope.imageio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads the orientation from Exif metadata, which is a TIFF file: a header, then a directory of tags. It reads nothing
 * else, and damaged metadata counts as none: it must not cost an image.
 */
final class Exif {
    private static final short LITTLE_ENDIAN = 0x4949;
    private static final short BIG_ENDIAN = 0x4d4d;
    private static final int TIFF = 42;
    private static final int HEADER_LENGTH = 8;
    private static final int ENTRY_LENGTH = 12;
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;
    private static final int LONG = 4;

    private Exif() {}

    /** Returns the orientation in the first directory; upright if it has none. */
    static Orientation orientation(ByteBuffer metadata) {
        ByteBuffer tiff = metadata.slice();
        if (tiff.remaining() < HEADER_LENGTH) {
            return Orientation.UPRIGHT;
        }
        short order = tiff.getShort(0);
        if (order != LITTLE_ENDIAN && order != BIG_ENDIAN) {
            return Orientation.UPRIGHT;
        }
        tiff.order(order == LITTLE_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = Integer.toUnsignedLong(tiff.getInt(4));
        if (tiff.getShort(2) != TIFF || directory + Short.BYTES > tiff.limit()) {
            return Orientation.UPRIGHT;
        }
        int entries = Short.toUnsignedInt(tiff.getShort((int) directory));
        int first = (int) directory + Short.BYTES;
        for (int at = first; entries > 0 && at + ENTRY_LENGTH <= tiff.limit(); at += ENTRY_LENGTH, entries--) {
            if (Short.toUnsignedInt(tiff.getShort(at)) == ORIENTATION) {
                return switch (tiff.getShort(at + 2)) {
                    case SHORT -> Orientation.of(Short.toUnsignedInt(tiff.getShort(at + 8)));
                    case LONG -> Orientation.of(tiff.getInt(at + 8));
                    default -> Orientation.UPRIGHT;
                };
            }
        }
        return Orientation.UPRIGHT;
    }
}
