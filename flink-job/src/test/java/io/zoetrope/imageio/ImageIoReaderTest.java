package io.zoetrope.imageio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.image.Picture;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageIoReaderTest {
    private static final int WIDTH = 16;
    private static final int HEIGHT = 8;
    private static final int FUZZED = 3000;

    private final ImageIoReader reader = new ImageIoReader(WIDTH, HEIGHT);

    @Test
    void pngInTheModelsSizeIsTakenToTheBit() throws IOException {
        BufferedImage image = random(BufferedImage.TYPE_INT_RGB, WIDTH, HEIGHT);

        Picture picture = reader.read(encoded(image, "png"));

        assertThat(picture.width()).isEqualTo(WIDTH);
        assertThat(picture.height()).isEqualTo(HEIGHT);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                assertThat(rgb(picture, x, y)).isEqualTo(image.getRGB(x, y) & 0xffffff);
            }
        }
    }

    @Test
    void jpegShowsItsColours() throws IOException {
        Picture picture =
                reader.read(encoded(plain(BufferedImage.TYPE_INT_RGB, 100, 50, new Color(200, 100, 30)), "jpeg"));

        assertColour(picture, 3, 3, new Color(200, 100, 30), 3);
    }

    @Test
    void grayIsTakenAsItLiesInTheFile() throws IOException {
        BufferedImage gray = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
        BufferedImage deep = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_USHORT_GRAY);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            gray.getRaster().setSample(i % WIDTH, i / WIDTH, 0, 128);
            deep.getRaster().setSample(i % WIDTH, i / WIDTH, 0, 128 * 257);
        }

        assertColour(reader.read(encoded(gray, "png")), 5, 5, new Color(128, 128, 128), 0);
        assertColour(reader.read(encoded(deep, "png")), 5, 5, new Color(128, 128, 128), 0);
        assertColour(reader.read(encoded(gray, "jpeg")), 5, 5, new Color(128, 128, 128), 1);
    }

    @Test
    void paletteIsLookedUp() throws IOException {
        Color green = Color.GREEN;

        assertColour(
                reader.read(encoded(plain(BufferedImage.TYPE_BYTE_INDEXED, WIDTH, HEIGHT, green), "png")),
                1,
                1,
                green,
                0);
        assertColour(
                reader.read(encoded(plain(BufferedImage.TYPE_BYTE_BINARY, WIDTH, HEIGHT, Color.WHITE), "png")),
                1,
                1,
                Color.WHITE,
                0);
    }

    @Test
    void transparencyShowsBlack() throws IOException {
        BufferedImage glass = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            glass.setRGB(i % WIDTH, i / WIDTH, 0x80_ff_80_00);
        }

        assertColour(reader.read(encoded(glass, "png")), 2, 2, new Color(128, 64, 0), 1);
    }

    @Test
    void theMiddleIsCutOutInTheModelsAspect() throws IOException {
        // Blue borders of a quarter on each side, that an image of twice the aspect loses.
        BufferedImage wide = plain(BufferedImage.TYPE_INT_RGB, 400, 100, Color.BLUE);
        fill(wide, 100, 0, 200, 100, Color.RED);
        BufferedImage high = plain(BufferedImage.TYPE_INT_RGB, 100, 100, Color.BLUE);
        fill(high, 0, 25, 100, 50, Color.RED);

        for (BufferedImage image : new BufferedImage[] {wide, high}) {
            Picture picture = reader.read(encoded(image, "png"));
            for (int y = 1; y < HEIGHT - 1; y++) {
                for (int x = 1; x < WIDTH - 1; x++) {
                    assertColour(picture, x, y, Color.RED, 12);
                }
            }
        }
    }

    @Test
    void finePatternBecomesItsMeanAndNoCoarseOne() throws IOException {
        BufferedImage stripes = plain(BufferedImage.TYPE_INT_RGB, 160, 80, Color.BLACK);
        for (int x = 0; x < 160; x += 2) {
            fill(stripes, x, 0, 1, 80, Color.WHITE);
        }

        Picture picture = reader.read(encoded(stripes, "png"));

        for (int x = 1; x < WIDTH - 1; x++) {
            assertColour(picture, x, 4, new Color(128, 128, 128), 2);
        }
    }

    @Test
    void slopeStaysASlopeWhenItIsMadeLarger() throws IOException {
        BufferedImage slope = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32; i++) {
            slope.setRGB(i % 8, i / 8, 0x010101 * (i % 8 * 32));
        }

        Picture picture = reader.read(encoded(slope, "png"));

        for (int x = 4; x < 12; x++) {
            double place = (x + 0.5) / 2 - 0.5;
            assertThat((double) (rgb(picture, x, 4) & 0xff)).isCloseTo(place * 32, within(1.0));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u0089PNG", "GIF89a....", "<svg/>", "BM......"})
    void whatIsNeitherPngNorJpegIsRefused(String bytes) {
        assertRejected(bytes.getBytes(StandardCharsets.ISO_8859_1), "expected a PNG or JPEG file", "send the bytes");
    }

    @Test
    void anImageOfManyBytesIsRefusedUnread() {
        assertRejected(
                new byte[ImageIoReader.MAX_BYTES + 1],
                "expected at most 8388608 bytes, got 8388609",
                "scale it to 16x8");
    }

    @Test
    void textThatUnpacksToManyTimesItsSizeIsSkipped() throws IOException {
        byte[] png = bytes(encoded(plain(BufferedImage.TYPE_BYTE_INDEXED, WIDTH, HEIGHT, Color.GREEN), "png"));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        text.writeBytes(new byte[] {'z', 'T', 'X', 't', 'k', 0, 0});
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(text)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 512; i++) {
                deflater.write(zeros);
            }
        }
        CRC32 crc = new CRC32();
        crc.update(text.toByteArray());
        ByteBuffer bomb = ByteBuffer.allocate(png.length + text.size() + 8)
                .put(png, 0, 33)
                .putInt(text.size() - 4)
                .put(text.toByteArray())
                .putInt((int) crc.getValue())
                .put(png, 33, png.length - 33)
                .flip();

        assertColour(reader.read(bomb), 1, 1, Color.GREEN, 0);
    }

    @Test
    void hugeSidesAreRefusedFromTheHeader() throws IOException {
        byte[] bomb = bytes(encoded(plain(BufferedImage.TYPE_INT_RGB, 2, 2, Color.RED), "png"));
        ByteBuffer header = ByteBuffer.wrap(bomb);
        header.putInt(16, 50_000).putInt(20, 40_000);
        sign(header);

        assertRejected(bomb, "at most 8847360 pixels, got 50000x40000", "scale it to 16x8");

        header.putInt(16, 9000).putInt(20, 1);
        sign(header);
        assertRejected(bomb, "sides of at most 8192", "got 9000x1");
    }

    /** The checksum of a PNG's header. */
    private static void sign(ByteBuffer png) {
        CRC32 crc = new CRC32();
        crc.update(png.slice(12, 17));
        png.putInt(29, (int) crc.getValue());
    }

    @Test
    void jpegThatGoesOverItsPixelsAgainAndAgainIsRefused() throws IOException {
        byte[] jpeg = bytes(encoded(plain(BufferedImage.TYPE_INT_RGB, 16, 16, Color.RED), "jpeg"));
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.writeBytes(jpeg);
        for (int i = 0; i <= JpegMarkers.MAX_SCANS; i++) {
            many.writeBytes(new byte[] {(byte) 0xff, (byte) 0xda, 0, 0});
        }

        assertRejected(many.toByteArray(), "at most 100 scans, got 102", "save it again");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void anImageThatEndsTooSoonIsRefusedWhereverItEnds(String format) throws IOException {
        byte[] whole = bytes(encoded(random(BufferedImage.TYPE_INT_RGB, 40, 30), format));
        // A PNG may lack its last checksums and still hold every pixel.
        for (int length = 8; length < whole.length - 30; length++) {
            assertRejected(Arrays.copyOf(whole, length), "cannot be decoded", "check that it is complete");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void whateverBytesComeAPictureOrARefusalGoes(String format) throws IOException {
        byte[] sound = bytes(encoded(random(BufferedImage.TYPE_INT_RGB, 40, 30), format));
        for (int seed = 0; seed < FUZZED; seed++) {
            Random random = new Random(seed);
            byte[] bytes = sound.clone();
            for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
                // Headers are where the traps are.
                int most = random.nextBoolean() ? 64 : bytes.length;
                bytes[random.nextInt(most)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(reader.read(ByteBuffer.wrap(bytes)).width()).isEqualTo(WIDTH);
            } catch (RequestException e) {
                assertThat(e.code()).as("seed %d", seed).isEqualTo(FailureCode.IMAGE_REJECTED);
            }
        }
    }

    @Test
    void readingLeavesTheBytesAsTheyWere() throws IOException {
        ByteBuffer image = encoded(plain(BufferedImage.TYPE_INT_RGB, 4, 4, Color.RED), "png");
        int remaining = image.remaining();

        assertThat(reader.read(image)).isEqualTo(reader.read(image));
        assertThat(image.remaining()).isEqualTo(remaining);
    }

    private void assertRejected(byte[] image, String... parts) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> reader.read(ByteBuffer.wrap(image)))
                .satisfies(fault -> {
                    assertThat(fault.code()).isEqualTo(FailureCode.IMAGE_REJECTED);
                    assertThat(fault.stage()).isEqualTo("image");
                    assertThat(fault).message().startsWith("first_frame: ").contains(parts);
                });
    }

    private static void assertColour(Picture picture, int x, int y, Color expected, int tolerance) {
        Color actual = new Color(rgb(picture, x, y));
        assertThat(actual.getRed()).as("red").isCloseTo(expected.getRed(), within(tolerance));
        assertThat(actual.getGreen()).as("green").isCloseTo(expected.getGreen(), within(tolerance));
        assertThat(actual.getBlue()).as("blue").isCloseTo(expected.getBlue(), within(tolerance));
    }

    private static int rgb(Picture picture, int x, int y) {
        int at = 3 * (y * picture.width() + x);
        ByteBuffer rgb = picture.rgb();
        return (rgb.get(at) & 0xff) << 16 | (rgb.get(at + 1) & 0xff) << 8 | (rgb.get(at + 2) & 0xff);
    }

    private static BufferedImage random(int type, int width, int height) {
        BufferedImage image = new BufferedImage(width, height, type);
        Random random = new Random(1);
        for (int i = 0; i < width * height; i++) {
            image.setRGB(i % width, i / width, random.nextInt(1 << 24));
        }
        return image;
    }

    private static BufferedImage plain(int type, int width, int height, Color colour) {
        BufferedImage image = new BufferedImage(width, height, type);
        fill(image, 0, 0, width, height, colour);
        return image;
    }

    private static void fill(BufferedImage image, int x, int y, int width, int height, Color colour) {
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(x, y, width, height);
        graphics.dispose();
    }

    private static ByteBuffer encoded(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
