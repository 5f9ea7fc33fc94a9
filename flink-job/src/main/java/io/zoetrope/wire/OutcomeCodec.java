package io.zoetrope.wire;

import io.zoetrope.encode.Segment;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Failure;
import io.zoetrope.publish.StoredPayload;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.FrameRate;
import io.zoetrope.schema.VideoSegment;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;

/** Encodes outcomes as Avro records. */
public final class OutcomeCodec {
    private OutcomeCodec() {}

    /** Returns the record of one of a video's segments, with its payload. */
    public static byte[] encode(Video video, Segment segment) {
        return RecordCodec.VIDEO_SEGMENT.encode(record(video, segment)
                .setPayload(segment.payload())
                .setPayloadSha256(new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(segment.payload()))
                .build());
    }

    /** Returns the record of one of a video's segments, without its payload, which is stored elsewhere. */
    public static byte[] encode(Video video, Segment segment, StoredPayload stored) {
        return RecordCodec.VIDEO_SEGMENT.encode(record(video, segment)
                .setPayloadUri(stored.uri())
                .setPayloadSha256(stored.sha256())
                .build());
    }

    /** Returns the record of a failure. */
    public static byte[] encode(Failure failure) {
        return RecordCodec.FAILED_PROMPT.encode(FailedPrompt.newBuilder()
                .setRequestId(failure.requestId().map(RequestId::value).orElse(null))
                .setCode(failure.code().name())
                .setStage(failure.stage())
                .setMessage(failure.message())
                .setRetryable(failure.code().retryable())
                .setKey(failure.origin().key().orElse(null))
                .setValue(failure.origin().value().orElse(null))
                .setTopic(failure.origin().topic())
                .setPartition(failure.origin().partition())
                .setOffset(failure.origin().offset())
                .setAttempts(failure.attempts())
                .setLabels(failure.labels())
                .setFailedAt(failure.failedAt())
                .build());
    }

    private static VideoSegment.Builder record(Video video, Segment segment) {
        return VideoSegment.newBuilder()
                .setRequestId(video.prompt().requestId().value())
                .setIndex(segment.position().index())
                .setLast(segment.position().last())
                .setContentType(segment.contentType())
                .setWidth(segment.width())
                .setHeight(segment.height())
                .setFrameRate(new FrameRate(
                        segment.frameRate().num(), segment.frameRate().den()))
                .setFrameCount(segment.frameCount())
                .setFirstFrameIndex(segment.position().firstFrameIndex())
                .setPayloadSize(segment.payload().remaining())
                .setInitLength(segment.initLength())
                .setSeed(video.prompt().seed())
                .setModel(video.model())
                .setModelDigest(video.modelDigest())
                .setSampler(video.sampler())
                .setTimings(record(video.timings()))
                .setBatchSize(video.batchSize())
                .setLabels(video.prompt().labels())
                .setCreatedAt(video.createdAt())
                .setSeedText(Long.toString(video.prompt().seed()));
    }

    private static io.zoetrope.schema.Timings record(Timings timings) {
        return new io.zoetrope.schema.Timings(
                timings.queue().toMillis(),
                timings.text().toMillis(),
                timings.generate().toMillis(),
                timings.decode().toMillis(),
                timings.encode().toMillis());
    }
}
