package io.zoetrope.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.prompt.Origin;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.TestLimits;
import io.zoetrope.publish.Failure;
import io.zoetrope.publish.StoredPayload;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutcomeCodecTest {
    private static final Instant NOW = Instant.ofEpochMilli(1_750_000_000_123L);
    private static final Prompt PROMPT = new Prompt(
            new RequestId("request-1"),
            "a red circle",
            -7,
            1,
            TestLimits.SHAPE,
            Optional.empty(),
            Optional.empty(),
            Map.of("tenant", "a"),
            NOW);

    @Test
    void aSegmentIsEncodedWithEverythingAboutItsVideo() throws MalformedRecordException {
        Video video = video(
                segment(new SegmentPosition(0, false, 0), "init+abc"),
                segment(new SegmentPosition(1, true, 17), "init+abcd"));

        VideoSegment first = RecordCodec.VIDEO_SEGMENT.decode(
                OutcomeCodec.encode(video, video.segments().get(0)));
        VideoSegment second = RecordCodec.VIDEO_SEGMENT.decode(
                OutcomeCodec.encode(video, video.segments().get(1)));
        assertThat(first.getIndex()).isZero();
        assertThat(first.getLast()).isFalse();
        assertThat(second.getRequestId()).isEqualTo("request-1");
        assertThat(second.getIndex()).isEqualTo(1);
        assertThat(second.getLast()).isTrue();
        assertThat(second.getContentType()).isEqualTo("video/mp4; codecs=\"av01\"");
        assertThat(second.getWidth()).isEqualTo(64);
        assertThat(second.getHeight()).isEqualTo(48);
        assertThat(second.getFrameRate()).isEqualTo(new io.zoetrope.schema.FrameRate(12, 1));
        assertThat(second.getFrameCount()).isEqualTo(17);
        assertThat(second.getFirstFrameIndex()).isEqualTo(17);
        assertThat(second.getPayload()).isEqualTo(ByteBuffer.wrap("init+abcd".getBytes(StandardCharsets.UTF_8)));
        assertThat(second.getPayloadUri()).isNull();
        assertThat(second.getPayloadSha256())
                .isEqualTo("1afcfe347891c5474397d3be55d03b71fa84d6b9622d160df2c270aa35d5c28c");
        assertThat(second.getPayloadSize()).isEqualTo(9);
        assertThat(second.getInitLength()).isEqualTo(4);
        assertThat(second.getSeed()).isEqualTo(-7);
        assertThat(second.getModel()).isEqualTo("toybox-64");
        assertThat(second.getModelDigest()).isEqualTo("d1".repeat(32));
        assertThat(second.getSampler()).isEqualTo("one-step");
        assertThat(second.getTimings()).isEqualTo(new io.zoetrope.schema.Timings(1L, 2L, 3L, 4L, 5L));
        assertThat(second.getBatchSize()).isEqualTo(3);
        assertThat(second.getLabels()).containsExactly(Map.entry("tenant", "a"));
        assertThat(second.getCreatedAt()).isEqualTo(NOW);
    }

    @Test
    void aStoredPayloadIsNamedByItsUriAndDigestAndNotInItsRecord() throws MalformedRecordException {
        Segment segment = segment(SegmentPosition.WHOLE, "init+abcd");
        String digest = "1afcfe347891c5474397d3be55d03b71fa84d6b9622d160df2c270aa35d5c28c";

        VideoSegment record = RecordCodec.VIDEO_SEGMENT.decode(OutcomeCodec.encode(
                video(segment), segment, new StoredPayload("s3://clips/" + digest + ".mp4", digest)));

        assertThat(record.getPayload()).isNull();
        assertThat(record.getPayloadUri()).isEqualTo("s3://clips/" + digest + ".mp4");
        assertThat(record.getPayloadSha256()).isEqualTo(digest);
        assertThat(record.getPayloadSize()).isEqualTo(9);
    }

    @Test
    void aFailureKeepsTheEventByteForByte() throws MalformedRecordException {
        byte[] key = {0, (byte) 0xFF};
        byte[] value = {(byte) 0xC3, 1, 2};

        FailedPrompt record = RecordCodec.FAILED_PROMPT.decode(OutcomeCodec.encode(failure(
                Optional.of(new RequestId("request-1")),
                new Origin(
                        "zoetrope.prompts",
                        3,
                        42,
                        Optional.of(ByteBuffer.wrap(key)),
                        Optional.of(ByteBuffer.wrap(value))))));

        assertThat(record.getRequestId()).isEqualTo("request-1");
        assertThat(record.getCode()).isEqualTo("INFERENCE_FAILED");
        assertThat(record.getStage()).isEqualTo("generate");
        assertThat(record.getMessage()).isEqualTo("the fact, the values, the remedy");
        assertThat(record.getRetryable()).isTrue();
        assertThat(record.getKey()).isEqualTo(ByteBuffer.wrap(key));
        assertThat(record.getValue()).isEqualTo(ByteBuffer.wrap(value));
        assertThat(record.getTopic()).isEqualTo("zoetrope.prompts");
        assertThat(record.getPartition()).isEqualTo(3);
        assertThat(record.getOffset()).isEqualTo(42);
        assertThat(record.getAttempts()).isEqualTo(2);
        assertThat(record.getLabels()).containsExactly(Map.entry("tenant", "a"));
        assertThat(record.getFailedAt()).isEqualTo(NOW);
    }

    @Test
    void aFailureOfAnUnreadableEventHasNoRequestId() throws MalformedRecordException {
        FailedPrompt record = RecordCodec.FAILED_PROMPT.decode(OutcomeCodec.encode(
                failure(Optional.empty(), new Origin("zoetrope.prompts", 0, 0, Optional.empty(), Optional.empty()))));

        assertThat(record.getRequestId()).isNull();
        assertThat(record.getKey()).isNull();
        assertThat(record.getValue()).isNull();
    }

    @Test
    void aRecordOfAnotherTypeIsRefused() {
        byte[] failed = OutcomeCodec.encode(
                failure(Optional.empty(), new Origin("zoetrope.prompts", 0, 0, Optional.empty(), Optional.empty())));

        assertThatThrownBy(() -> RecordCodec.VIDEO_SEGMENT.decode(failed))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("expected the schema fingerprint ")
                .hasMessageEndingWith("write it with Avro's single-object encoding of schemas/video_segment.avsc");
    }

    private static Video video(Segment... segments) {
        return new Video(
                PROMPT,
                List.of(segments),
                "toybox-64",
                "d1".repeat(32),
                "one-step",
                new Timings(
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(3),
                        Duration.ofMillis(4),
                        Duration.ofMillis(5)),
                3,
                NOW);
    }

    private static Failure failure(Optional<RequestId> requestId, Origin origin) {
        return new Failure(
                requestId,
                FailureCode.INFERENCE_FAILED,
                "generate",
                "the fact, the values, the remedy",
                origin,
                2,
                Map.of("tenant", "a"),
                NOW);
    }

    private static Segment segment(SegmentPosition position, String payload) {
        return new Segment(
                position,
                "video/mp4; codecs=\"av01\"",
                64,
                48,
                new FrameRate(12, 1),
                17,
                ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)),
                4);
    }
}
