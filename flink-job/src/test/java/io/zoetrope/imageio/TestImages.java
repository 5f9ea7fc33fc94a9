package io.zoetrope.imageio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.image.Picture;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images that tests draw, encode and look at. */
final class TestImages {
    private TestImages() {}

    /** Checks the colour of a pixel. */
    static void assertColour(Picture picture, int x, int y, Color expected, int tolerance) {
        Color actual = new Color(rgb(picture, x, y));
        assertThat(actual.getRed()).as("red").isCloseTo(expected.getRed(), within(tolerance));
        assertThat(actual.getGreen()).as("green").isCloseTo(expected.getGreen(), within(tolerance));
        assertThat(actual.getBlue()).as("blue").isCloseTo(expected.getBlue(), within(tolerance));
    }

    /** Returns a pixel as 0xRRGGBB. */
    static int rgb(Picture picture, int x, int y) {
        int at = 3 * (y * picture.width() + x);
        ByteBuffer rgb = picture.rgb();
        return (rgb.get(at) & 0xff) << 16 | (rgb.get(at + 1) & 0xff) << 8 | (rgb.get(at + 2) & 0xff);
    }

    /** Returns an image of random pixels, which are the same in each call. */
    static BufferedImage random(int type, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, type);
        Random random = new Random(1);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, random.nextInt(1 << 24));
        }
        return image;
    }

    /** Returns an image of one colour. */
    static BufferedImage plain(int type, int width, int height, Color colour) {
        BufferedImage image = new BufferedImage(width, height, type);
        fill(image, 0, 0, width, height, colour);
        return image;
    }

    /** Fills a rectangle. */
    static void fill(BufferedImage image, int x, int y, int width, int height, Color colour) {
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(x, y, width, height);
        graphics.dispose();
    }

    /** Returns the bytes of an image file. */
    static ByteBuffer encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    /** Returns the bytes of a file of the corpus. */
    static byte[] corpus(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(TestImages.class.getResourceAsStream("corpus/" + file), file)) {
            return in.readAllBytes();
        }
    }

    /** Copies a buffer to an array. */
    static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
