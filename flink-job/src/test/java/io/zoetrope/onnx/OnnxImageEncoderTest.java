package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.BundleException;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.image.FirstFrameInput;
import io.zoetrope.image.Picture;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests on the tiny bundle with images, whose image encoder computes means of red and green; see tiny_bundle.py. */
class OnnxImageEncoderTest {
    private static final int LATENT_FRAMES = 2;

    private final BufferPool buffers = new BufferPool(1 << 20);

    @Test
    void eachPictureOfABatchGetsItsOwnLatents() {
        try (OnnxImageEncoder encoder =
                OnnxImageEncoder.open(ModelBundle.open(BundleFolder.withImages()), TestSessions.with(1, buffers))) {
            List<FirstFrame> frames = encoder.encode(List.of(picture(200, 100), picture(7, 255)));

            assertThat(frames).hasSize(2);
            assertThat(frames.get(0).values())
                    .isEqualTo(FloatBuffer.wrap(new float[] {200, 200, 200, 200, 100, 100, 100, 100}));
            assertThat(frames.get(1).values())
                    .isEqualTo(FloatBuffer.wrap(new float[] {7, 7, 7, 7, 255, 255, 255, 255}));
            Pooled.closeAll(frames);
            assertThat(buffers.outstanding()).isZero();
            assertThat(encoder.fileBytes()).isPositive();
        }
    }

    @Test
    void rowsAndColumnsAreNotSwapped() {
        ByteBuffer rgb = ByteBuffer.allocate(16 * 16 * 3);
        for (int y = 0; y < 8; y++) {
            for (int x = 8; x < 16; x++) {
                rgb.put(3 * (16 * y + x), (byte) 80);
            }
        }
        try (OnnxImageEncoder encoder =
                OnnxImageEncoder.open(ModelBundle.open(BundleFolder.withImages()), TestSessions.with(1, buffers))) {
            assertThat(encoder.encode(List.of(new FirstFrameInput(new Picture(rgb, 16, 16), LATENT_FRAMES)))
                            .get(0)
                            .values())
                    .isEqualTo(FloatBuffer.wrap(new float[] {0, 80, 0, 0, 0, 0, 0, 0}));
        }
    }

    @Test
    void pictureOfAnotherSizeIsRefused() {
        try (OnnxImageEncoder encoder =
                OnnxImageEncoder.open(ModelBundle.open(BundleFolder.withImages()), TestSessions.with(1, buffers))) {
            Picture small = new Picture(ByteBuffer.allocate(192), 8, 8);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> encoder.encode(List.of(new FirstFrameInput(small, LATENT_FRAMES))))
                    .withMessageContaining("expected frames of a size that the bundle lists, [16x16], got 8x8");
        }
    }

    @Test
    void bundleWithoutImageEncoderIsRefused() {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() ->
                        OnnxImageEncoder.open(ModelBundle.open(BundleFolder.original()), TestSessions.with(1, buffers)))
                .withMessageContaining("image_encoder: expected one, it is missing");
    }

    private static FirstFrameInput picture(int red, int green) {
        ByteBuffer rgb = ByteBuffer.allocate(16 * 16 * 3);
        while (rgb.hasRemaining()) {
            rgb.put((byte) red).put((byte) green).put((byte) 1);
        }
        return new FirstFrameInput(new Picture(rgb.flip(), 16, 16), LATENT_FRAMES);
    }
}
