package io.zoetrope.imageio;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The supported image formats, recognised by a file's first bytes. ImageIO supports more, but each format is more code
 * that an attacker can reach.
 */
enum ImageFormat {
    PNG("89504e470d0a1a0a"),
    JPEG("ffd8ff");

    private static final int BYTES_IN_ERRORS = 8;

    /** The first bytes of a file of this format, in hex. */
    private final String magic;

    ImageFormat(String magic) {
        this.magic = magic;
    }

    /** Returns the format of a file; empty if it is not supported. */
    static Optional<ImageFormat> of(byte[] bytes) {
        String firstBytes = firstBytes(bytes);
        return Arrays.stream(values())
                .filter(format -> firstBytes.startsWith(format.magic))
                .findFirst();
    }

    /** Returns the first bytes of a file in hex. */
    static String firstBytes(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 0, Math.min(BYTES_IN_ERRORS, bytes.length));
    }
}
