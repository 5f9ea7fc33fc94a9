package io.zoetrope.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class VideoLevelsTest {
    @Test
    void everyLevelExceptZeroIsAccepted() {
        byte[] levels = new byte[8 * 255 + 3];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) (1 + i % 255);
        }
        assertThatNoException().isThrownBy(() -> VideoLevels.require(ByteBuffer.wrap(levels), "decoder.onnx"));
    }

    @Test
    void aZeroIsFoundAtEveryPlace() {
        for (int length = 1; length <= 20; length++) {
            for (int place = 0; place < length; place++) {
                byte[] levels = new byte[length];
                Arrays.fill(levels, (byte) 128);
                levels[place] = 0;
                assertThat(VideoLevels.hasZero(ByteBuffer.wrap(levels)))
                        .as("0 at %s of %s", place, length)
                        .isTrue();
            }
        }
    }

    @Test
    void theFailureHasTheFactTheValuesAndTheRemedy() {
        byte[] levels = new byte[24];
        Arrays.fill(levels, 0, 12, (byte) 16);
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> VideoLevels.require(ByteBuffer.wrap(levels), "decoder.onnx"))
                .withMessage(
                        "decoder.onnx: expected frames with levels from 16 to 240, got 12 of 24 that are 0, as a NaN"
                                + " inside the decoder gives; send another prompt or seed, and if others fail too, export the"
                                + " bundle again")
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.INFERENCE_FAILED));
    }
}
