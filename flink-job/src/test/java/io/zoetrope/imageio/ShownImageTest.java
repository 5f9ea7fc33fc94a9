package io.zoetrope.imageio;

import static io.zoetrope.imageio.TestImages.assertColour;
import static io.zoetrope.imageio.TestImages.bytes;
import static io.zoetrope.imageio.TestImages.corpus;
import static io.zoetrope.imageio.TestImages.encoded;
import static io.zoetrope.imageio.TestImages.fill;
import static io.zoetrope.imageio.TestImages.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.image.ImageLimits;
import io.zoetrope.image.Picture;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a picture is what viewers show for the file. */
class ShownImageTest {
    private static final int WIDTH = 32;
    private static final int HEIGHT = 16;
    private final ImageIoReader reader = new ImageIoReader(WIDTH, HEIGHT, ImageLimits.DEFAULT);

    /**
     * The corners of the shown image at which the stored corners are, according to the Exif standard: those of the
     * first pixel (red), the end of the first row (green), the end of the first column (blue).
     */
    @ParameterizedTest
    @CsvSource({
        "1, top left, top right, bottom left",
        "2, top right, top left, bottom right",
        "3, bottom right, bottom left, top right",
        "4, bottom left, bottom right, top left",
        "5, top left, bottom left, top right",
        "6, top right, bottom right, top left",
        "7, bottom right, top right, bottom left",
        "8, bottom left, top left, bottom right"
    })
    void theOrientationOfJpegAndPngIsApplied(int orientation, String red, String green, String blue)
            throws IOException {
        BufferedImage stored = orientation > 4 ? marked(HEIGHT, WIDTH) : marked(WIDTH, HEIGHT);
        for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
            byte[] exif = exif(order, orientation);
            for (ByteBuffer file :
                    new ByteBuffer[] {inJpeg(encoded(stored, "jpeg"), exif), inPng(encoded(stored, "png"), exif)}) {
                Picture picture = reader.read(file);

                assertCorner(picture, red, Color.RED);
                assertCorner(picture, green, Color.GREEN);
                assertCorner(picture, blue, Color.BLUE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 65535})
    void anUnknownOrientationIsUpright(int orientation) throws IOException {
        ByteBuffer file = inJpeg(encoded(marked(WIDTH, HEIGHT), "jpeg"), exif(ByteOrder.BIG_ENDIAN, orientation));

        assertCorner(reader.read(file), "top left", Color.RED);
    }

    @Test
    void damagedMetadataCountsAsNone() throws IOException {
        byte[] exif = exif(ByteOrder.LITTLE_ENDIAN, 6);
        // Behind the last entry is only the position of the next directory.
        for (int length = 0; length < exif.length - Integer.BYTES; length++) {
            ByteBuffer file = inJpeg(encoded(marked(WIDTH, HEIGHT), "jpeg"), Arrays.copyOf(exif, length));

            assertCorner(reader.read(file), "top left", Color.RED);
        }
    }

    @Test
    void aPhonesPortraitIsReadAsTheSamePhotoSavedUpright() throws IOException {
        ImageIoReader portrait = new ImageIoReader(63, 84, ImageLimits.DEFAULT);
        Picture turned = portrait.read(ByteBuffer.wrap(corpus("phone-portrait6.jpg")));
        Picture baked = portrait.read(ByteBuffer.wrap(corpus("phone-portrait-baked.jpg")));

        long difference = 0;
        for (int i = 0; i < 3 * 63 * 84; i++) {
            difference += Math.abs((turned.rgb().get(i) & 0xff) - (baked.rgb().get(i) & 0xff));
        }
        assertThat((double) difference / (3 * 63 * 84))
                .as("mean difference of a channel")
                .isLessThan(4);
    }

    @Test
    void whatFollowsTheEndMarkerIsNotLookedAt() throws IOException {
        byte[] whole = corpus("trailer-tiny.jpg");
        int end = end(whole);
        byte[] image = Arrays.copyOf(whole, end);
        byte[] anotherFile = bytes(encoded(plain(BufferedImage.TYPE_INT_RGB, 64, 64, Color.GREEN), "jpeg"));

        Picture expected = reader.read(ByteBuffer.wrap(image));

        assertThat(end).isLessThan(whole.length);
        assertThat(reader.read(ByteBuffer.wrap(whole))).isEqualTo(expected);
        assertThat(reader.read(joined(image, anotherFile))).isEqualTo(expected);
        assertThat(reader.read(joined(image, new byte[] {(byte) 0xff, (byte) 0xda})))
                .isEqualTo(expected);
        assertThat(reader.read(joined(bytes(encoded(marked(WIDTH, HEIGHT), "png")), new byte[1000])))
                .isEqualTo(reader.read(encoded(marked(WIDTH, HEIGHT), "png")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"without-header.jpg", "rgb.jpg", "rgb-by-ids.jpg"})
    void theColoursOfAJpegFollowItsMarkersAndItsChannels(String file) throws IOException {
        assertColour(reader.read(ByteBuffer.wrap(corpus(file))), 5, 5, new Color(200, 100, 30), 3);
    }

    @Test
    void aPhotoOfTwelveMegapixelsIsScaledWhileItIsDecoded() throws IOException {
        BufferedImage photo = plain(BufferedImage.TYPE_INT_RGB, 4032, 3024, Color.GRAY);
        fill(photo, 0, 0, 2016, 3024, Color.ORANGE);

        for (String format : new String[] {"jpeg", "png"}) {
            Picture picture = reader.read(encoded(photo, format));

            assertColour(picture, WIDTH / 2 - 2, 5, Color.ORANGE, 4);
            assertColour(picture, WIDTH / 2 + 1, 5, Color.GRAY, 4);
        }
    }

    @Test
    void theDecodedImageStaysWithinItsSize() {
        assertThat(ImageIoReader.step(4096, 2160)).isEqualTo(1);
        assertThat(ImageIoReader.step(4097, 2160)).isEqualTo(2);
        assertThat(ImageIoReader.step(4032, 3024)).isEqualTo(2);
        assertThat(ImageIoReader.step(16384, 1525)).isEqualTo(2);
        assertThat(ImageIoReader.step(1, 1)).isEqualTo(1);
    }

    /** Returns an image of black with a colour in three corners. */
    private static BufferedImage marked(int width, int height) {
        BufferedImage image = plain(BufferedImage.TYPE_INT_RGB, width, height, Color.BLACK);
        fill(image, 0, 0, 8, 8, Color.RED);
        fill(image, width - 8, 0, 8, 8, Color.GREEN);
        fill(image, 0, height - 8, 8, 8, Color.BLUE);
        return image;
    }

    private static void assertCorner(Picture picture, String corner, Color expected) {
        int x = corner.endsWith("left") ? 3 : WIDTH - 4;
        int y = corner.startsWith("top") ? 3 : HEIGHT - 4;
        // A JPEG keeps colours at half the resolution, so the middle of a corner is compared.
        assertColour(picture, x, y, expected, 60);
    }

    /** Returns a TIFF header and a directory with a resolution's unit and the orientation. */
    private static byte[] exif(ByteOrder order, int orientation) {
        return ByteBuffer.allocate(38)
                .order(order)
                .put((order == ByteOrder.BIG_ENDIAN ? "MM" : "II").getBytes(StandardCharsets.US_ASCII))
                .putShort((short) 42)
                .putInt(8)
                .putShort((short) 2)
                .putShort((short) 0x0100)
                .putShort((short) 3)
                .putInt(1)
                .putInt(0)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .array();
    }

    private static ByteBuffer inJpeg(ByteBuffer jpeg, byte[] exif) {
        byte[] name = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(jpeg.remaining() + 4 + name.length + exif.length)
                .put(jpeg.slice(0, 2))
                .putShort((short) 0xffe1)
                .putShort((short) (2 + name.length + exif.length))
                .put(name)
                .put(exif)
                .put(jpeg.slice(2, jpeg.remaining() - 2))
                .flip();
    }

    private static ByteBuffer inPng(ByteBuffer png, byte[] exif) {
        ByteArrayOutputStream chunk = new ByteArrayOutputStream();
        chunk.writeBytes("eXIf".getBytes(StandardCharsets.US_ASCII));
        chunk.writeBytes(exif);
        CRC32 crc = new CRC32();
        crc.update(chunk.toByteArray());
        int headerEnd = 33;
        return ByteBuffer.allocate(png.remaining() + 8 + chunk.size())
                .put(png.slice(0, headerEnd))
                .putInt(exif.length)
                .put(chunk.toByteArray())
                .putInt((int) crc.getValue())
                .put(png.slice(headerEnd, png.remaining() - headerEnd))
                .flip();
    }

    private static ByteBuffer joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .flip();
    }

    /** Returns the end of the first end marker. */
    private static int end(byte[] jpeg) {
        for (int i = 1; i < jpeg.length; i++) {
            if (jpeg[i - 1] == (byte) 0xff && jpeg[i] == (byte) 0xd9) {
                return i + 1;
            }
        }
        throw new IllegalArgumentException("the file has no end marker");
    }
}
