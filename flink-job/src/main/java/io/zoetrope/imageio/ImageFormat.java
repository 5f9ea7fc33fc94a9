package io.zoetrope.imageio;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The formats that are read, told by a file's first bytes. ImageIO knows more, and each is more code to be attacked. */
enum ImageFormat {
    PNG("89504e470d0a1a0a"),
    JPEG("ffd8ff");

    private static final int SHOWN = 8;

    private final String magic;

    ImageFormat(String magic) {
        this.magic = magic;
    }

    static Optional<ImageFormat> of(byte[] bytes) {
        String beginning = beginning(bytes);
        return Arrays.stream(values())
                .filter(format -> beginning.startsWith(format.magic))
                .findFirst();
    }

    /** In hex. */
    static String beginning(byte[] bytes) {
        return HexFormat.of().formatHex(bytes, 0, Math.min(SHOWN, bytes.length));
    }
}
