package io.zoetrope.imageio;

import static io.zoetrope.imageio.TestImages.assertColour;
import static io.zoetrope.imageio.TestImages.bytes;
import static io.zoetrope.imageio.TestImages.encoded;
import static io.zoetrope.imageio.TestImages.plain;
import static io.zoetrope.imageio.TestImages.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.image.Picture;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that images which are broken or too costly to decode are rejected. */
class UntrustedImageTest {
    private static final int WIDTH = 16;
    private static final int HEIGHT = 8;
    private static final int FUZZED = 3000;
    private final ImageIoReader reader = new ImageIoReader(WIDTH, HEIGHT, ImageLimits.DEFAULT);

    @ParameterizedTest
    @ValueSource(strings = {"", "\u0089PNG", "GIF89a....", "<svg/>", "BM......"})
    void otherFormatsThanPngAndJpegAreRefused(String bytes) {
        assertRejected(bytes.getBytes(StandardCharsets.ISO_8859_1), "expected a PNG or JPEG file", "send the bytes");
    }

    @Test
    void anImageOfTooManyBytesIsRefusedUnread() {
        assertRejected(new byte[(8 << 20) + 1], "expected at most 8388608 bytes, got 8388609", "scale it to 16x8");
    }

    @Test
    void compressedTextThatExpandsToManyTimesItsSizeIsSkipped() throws IOException {
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

        assertRejected(bomb, "at most 25000000 pixels, got 50000x40000", "scale it to 16x8");

        header.putInt(16, 20_000).putInt(20, 1);
        sign(header);
        assertRejected(bomb, "sides of at most 16384", "got 20000x1");
    }

    @Test
    void aFileIsReadUpToItsBytesPixelsSideAndScans() throws IOException {
        byte[] jpeg = progressive(40, 30);
        int scans = scans(jpeg);
        ImageLimits exact = new ImageLimits(jpeg.length, 1200, 40, scans);

        assertThat(scans).isGreaterThan(3);
        assertThat(read(jpeg, exact).width()).isEqualTo(WIDTH);
        assertRejected(
                jpeg,
                new ImageLimits(jpeg.length - 1, 1200, 40, scans),
                "expected at most " + (jpeg.length - 1) + " bytes, got " + jpeg.length);
        assertRejected(
                jpeg, new ImageLimits(jpeg.length, 1199, 40, scans), "at most 1199 pixels, got 40x30", "scale it to");
        assertRejected(
                jpeg, new ImageLimits(jpeg.length, 1200, 39, scans), "sides of at most 39", "got 40x30", "scale it to");
        assertRejected(
                jpeg,
                new ImageLimits(jpeg.length, 1200, 40, scans - 1),
                "at most " + (scans - 1) + " scans, got " + scans,
                "save it again");
    }

    private static byte[] progressive(int width, int height) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam settings = writer.getDefaultWriteParam();
        settings.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            writer.setOutput(out);
            writer.write(null, new IIOImage(random(BufferedImage.TYPE_INT_RGB, width, height), null, null), settings);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static int scans(byte[] jpeg) {
        int scans = 0;
        for (int i = 1; i < jpeg.length; i++) {
            scans += jpeg[i - 1] == (byte) 0xff && jpeg[i] == (byte) 0xda ? 1 : 0;
        }
        return scans;
    }

    @ParameterizedTest
    @ValueSource(strings = {"cmyk.jpg", "cmyk-plain.jpg"})
    void cmykIsTheSendersFault(String file) throws IOException {
        assertRejected(TestImages.corpus(file), "expected a JPEG in gray or RGB, got one in CMYK", "save it as RGB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void truncatedImageIsRefusedWhereverItEnds(String format) throws IOException {
        byte[] whole = bytes(encoded(random(BufferedImage.TYPE_INT_RGB, 40, 30), format));
        // A PNG may lack its last checksums and still hold every pixel.
        for (int length = 8; length < whole.length - 30; length++) {
            assertRejected(Arrays.copyOf(whole, length), "cannot be decoded", "check that it is complete");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void anyBytesGiveAPictureOrARejection(String format) throws IOException {
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
                assertThat(e).message().as("seed %d", seed).doesNotContain("Exception", "java");
            }
        }
    }

    private static Picture read(byte[] image, ImageLimits limits) {
        return new ImageIoReader(WIDTH, HEIGHT, limits).read(ByteBuffer.wrap(image));
    }

    private static void assertRejected(byte[] image, String... parts) {
        assertRejected(image, ImageLimits.DEFAULT, parts);
    }

    private static void assertRejected(byte[] image, ImageLimits limits, String... parts) {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> read(image, limits))
                .satisfies(fault -> {
                    assertThat(fault.code()).isEqualTo(FailureCode.IMAGE_REJECTED);
                    assertThat(fault.stage()).isEqualTo("image");
                    assertThat(fault.code().retryable()).isFalse();
                    assertThat(fault).message().startsWith("first_frame: ").contains(parts);
                });
    }

    /** The checksum of a PNG's header. */
    private static void sign(ByteBuffer png) {
        CRC32 crc = new CRC32();
        crc.update(png.slice(12, 17));
        png.putInt(29, (int) crc.getValue());
    }
}
