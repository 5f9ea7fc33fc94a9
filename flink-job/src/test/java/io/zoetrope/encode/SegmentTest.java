package io.zoetrope.encode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SegmentTest {
    @Test
    void initSegmentLeavesMediaAfterIt() {
        assertThat(segment(99).initLength()).isEqualTo(99);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> segment(100))
                .withMessageContaining("1 to 99 bytes, got 100");
        assertThatIllegalArgumentException().isThrownBy(() -> segment(0));
    }

    @Test
    void readersDoNotDisturbEachOther() {
        Segment segment = segment(10);
        segment.payload().get();
        assertThat(segment.payload().remaining()).isEqualTo(100);
        assertThat(segment.payload().isReadOnly()).isTrue();
        assertThat(segment).isEqualTo(segment(10));
    }

    @Test
    void negativePositionsAndRatesBelowOneAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SegmentPosition(-1, true, 0))
                .withMessageContaining("index -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SegmentPosition(0, true, -17))
                .withMessageContaining("first frame -17");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FrameRate(24, 0))
                .withMessageContaining("24/0");
    }

    private static Segment segment(int initLength) {
        return new Segment(
                SegmentPosition.WHOLE,
                "video/mp4",
                64,
                64,
                new FrameRate(12, 1),
                17,
                ByteBuffer.allocate(100),
                initLength);
    }
}
