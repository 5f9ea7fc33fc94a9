package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.schema.VideoSegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class VideoAssemblerTest {
    private final VideoAssembler assembler = new VideoAssembler();

    @Test
    void aVideoOfOneSegmentIsItsPayload() {
        assertThat(assembler.add(Segments.segment("request-1", 0, true, "initabc")))
                .hasValueSatisfying(clip -> assertThat(text(clip)).isEqualTo("initabc"));
    }

    @Test
    void laterSegmentsAreAppendedWithoutTheirInitSegmentsAlsoWhenRequestsInterleave() {
        assertThat(assembler.add(Segments.segment("request-1", 0, false, "initabc")))
                .isEmpty();
        assertThat(assembler.add(Segments.segment("request-2", 0, false, "initxyz")))
                .isEmpty();

        assertThat(assembler.add(Segments.segment("request-1", 1, true, "initdef")))
                .hasValueSatisfying(clip -> assertThat(text(clip)).isEqualTo("initabcdef"));
    }

    @Test
    void aPayloadThatDoesNotMatchItsDigestIsRefused() {
        VideoSegment forged = Segments.segment("request-1", 0, true, "initabc");
        forged.setPayload(ByteBuffer.wrap("initabd".getBytes(StandardCharsets.UTF_8)));

        assertThatThrownBy(() -> assembler.add(forged))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("segment 0 of request-1 was published with SHA-256 ")
                .hasMessageContaining("do not use it");
    }

    @Test
    void theErrorForAPayloadOutsideTheRecordNamesItsUri() {
        VideoSegment elsewhere = Segments.segment("request-1", 0, true, "initabc");
        elsewhere.setPayload(null);
        elsewhere.setPayloadUri("s3://clips/1");

        assertThatThrownBy(() -> assembler.add(elsewhere)).hasMessageContaining("has its payload at s3://clips/1");
    }

    private static String text(Answer.Clip clip) {
        return new String(clip.file(), StandardCharsets.UTF_8);
    }
}
