package io.zoetrope.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zoetrope.buffer.TestBuffers;
import org.junit.jupiter.api.Test;

class FramesTest {
    @Test
    void memoryHasTheSizeOfCountAndSides() {
        assertThat(new Frames(TestBuffers.bytes(2 * 24), 2, 4, 4).count()).isEqualTo(2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Frames(TestBuffers.bytes(47), 2, 4, 4))
                .withMessageContaining("2 x 4x4 x 3/2 = 48 bytes, got 47");
    }

    @Test
    void sidesAreEvenForChromaIsHalved() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Frames(TestBuffers.bytes(30), 1, 5, 4))
                .withMessageContaining("even sides")
                .withMessageContaining("5x4");
        assertThatIllegalArgumentException().isThrownBy(() -> new Frames(TestBuffers.bytes(1), 0, 4, 4));
    }

    @Test
    void readersDoNotDisturbEachOther() {
        Frames frames = new Frames(TestBuffers.bytes(24), 1, 4, 4);
        frames.yuv().get();
        assertThat(frames.yuv().remaining()).isEqualTo(24);
        assertThat(frames.yuv().isReadOnly()).isTrue();
    }
}
