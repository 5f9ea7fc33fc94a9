package io.zoetrope.imageio;

import static io.zoetrope.imageio.TestImages.assertColour;
import static io.zoetrope.imageio.TestImages.encoded;
import static io.zoetrope.imageio.TestImages.fill;
import static io.zoetrope.imageio.TestImages.plain;
import static io.zoetrope.imageio.TestImages.random;
import static io.zoetrope.imageio.TestImages.rgb;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.image.Picture;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageIoReaderTest {
    private static final int WIDTH = 16;
    private static final int HEIGHT = 8;
    private final ImageIoReader reader = new ImageIoReader(WIDTH, HEIGHT, ImageLimits.DEFAULT);

    @Test
    void pngOfTheModelsSizeIsReadExactly() throws IOException {
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

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpeg"})
    void anInterruptEndsTheReading(String format) throws IOException {
        ByteBuffer image = encoded(random(BufferedImage.TYPE_INT_RGB, WIDTH, HEIGHT), format);
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> reader.read(image))
                .withMessageContaining("interrupted")
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.IMAGE_REJECTED));
        assertThat(Thread.interrupted()).isTrue();

        assertThat(reader.read(image).width()).isEqualTo(WIDTH);
    }

    @Test
    void jpegKeepsItsColours() throws IOException {
        Picture picture =
                reader.read(encoded(plain(BufferedImage.TYPE_INT_RGB, 100, 50, new Color(200, 100, 30)), "jpeg"));

        assertColour(picture, 3, 3, new Color(200, 100, 30), 3);
    }

    @Test
    void grayKeepsItsValues() throws IOException {
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
    void transparentPixelsBecomeBlack() throws IOException {
        BufferedImage glass = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            glass.setRGB(i % WIDTH, i / WIDTH, 0x80_ff_80_00);
        }

        assertColour(reader.read(encoded(glass, "png")), 2, 2, new Color(128, 64, 0), 1);
    }

    @Test
    void theCentreIsCroppedToTheModelsAspectRatio() throws IOException {
        // The blue borders, a quarter of a side each, are outside the crop.
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
    void finePatternBecomesItsMeanWithoutAliasing() throws IOException {
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
    void slopeStaysASlopeWhenItIsEnlarged() throws IOException {
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

    @Test
    void readingDoesNotChangeTheBytes() throws IOException {
        ByteBuffer image = encoded(plain(BufferedImage.TYPE_INT_RGB, 4, 4, Color.RED), "png");
        int remaining = image.remaining();

        assertThat(reader.read(image)).isEqualTo(reader.read(image));
        assertThat(image.remaining()).isEqualTo(remaining);
    }
}
