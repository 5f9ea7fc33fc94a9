package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.flink.PayloadFolder;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoAssemblerTest {
    private final VideoAssembler assembler = new VideoAssembler(Optional.empty());

    @Test
    void aVideoOfOneSegmentIsItsPayload() throws IOException {
        assertThat(assembler.add(Segments.segment("request-1", 0, true, "initabc")))
                .hasValueSatisfying(clip -> assertThat(text(clip)).isEqualTo("initabc"));
    }

    @Test
    void laterSegmentsAreAppendedWithoutTheirInitSegmentsAlsoWhenRequestsInterleave() throws IOException {
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
    void aPayloadOutsideOfItsRecordIsReadFromTheGivenFolder(@TempDir Path folder) throws IOException {
        VideoSegment first = Segments.segment("request-1", 0, false, "initabc");
        VideoSegment second = stored(folder, Segments.segment("request-1", 1, true, "initdef"));
        VideoAssembler reading = new VideoAssembler(Optional.of(PayloadFolder.of(folder.toString())));

        assertThat(reading.add(first)).isEmpty();
        assertThat(reading.add(second))
                .hasValueSatisfying(clip -> assertThat(text(clip)).isEqualTo("initabcdef"));
    }

    @Test
    void aPayloadOutsideOfItsRecordThatDoesNotMatchItsDigestIsRefused(@TempDir Path folder) throws IOException {
        VideoSegment segment = stored(folder, Segments.segment("request-1", 0, true, "initabc"));
        Files.writeString(folder.resolve(segment.getPayloadSha256() + ".mp4"), "initabd");
        VideoAssembler reading = new VideoAssembler(Optional.of(PayloadFolder.of(folder.toString())));

        assertThatThrownBy(() -> reading.add(segment))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("do not use it");
    }

    @Test
    void aPayloadThatIsGoneIsNamedWithItsRequest(@TempDir Path folder) throws IOException {
        VideoSegment segment = stored(folder, Segments.segment("request-1", 0, true, "initabc"));
        Files.delete(folder.resolve(segment.getPayloadSha256() + ".mp4"));
        VideoAssembler reading = new VideoAssembler(Optional.of(PayloadFolder.of(folder.toString())));

        assertThatThrownBy(() -> reading.add(segment))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("segment 0 of request-1 has its payload at " + segment.getPayloadUri());
    }

    @Test
    void withoutAFolderNoPayloadOutsideOfItsRecordIsRead(@TempDir Path folder) throws IOException {
        VideoSegment segment = stored(folder, Segments.segment("request-1", 0, true, "initabc"));

        assertThatThrownBy(() -> assembler.add(segment))
                .hasMessageContaining("has its payload at file://")
                .hasMessageContaining("--payload-folder");
    }

    /** Moves the payload of a segment to a folder. */
    private static VideoSegment stored(Path folder, VideoSegment segment) throws IOException {
        Path file = folder.resolve(segment.getPayloadSha256() + ".mp4");
        Files.write(file, segment.getPayload().array());
        segment.setPayload(null);
        segment.setPayloadUri(file.toUri().toString());
        return segment;
    }

    private static String text(Answer.Clip clip) {
        return new String(clip.file(), StandardCharsets.UTF_8);
    }
}
