package io.zoetrope.cli;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.FrameRate;
import io.zoetrope.schema.Timings;
import io.zoetrope.schema.VideoSegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** Creates answer records for tests. A payload is a text, whose first four bytes are the init segment. */
final class Segments {
    private Segments() {}

    static VideoSegment segment(String requestId, int index, boolean last, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return VideoSegment.newBuilder()
                .setRequestId(requestId)
                .setIndex(index)
                .setLast(last)
                .setContentType("video/mp4; codecs=\"av01.0.00M.08\"")
                .setWidth(64)
                .setHeight(48)
                .setFrameRate(new FrameRate(12, 1))
                .setFrameCount(17)
                .setFirstFrameIndex(17 * index)
                .setPayload(ByteBuffer.wrap(bytes))
                .setPayloadSha256(DigestUtils.sha256Hex(bytes))
                .setPayloadSize(bytes.length)
                .setInitLength(4)
                .setSeed(7)
                .setModel("toybox-64")
                .setModelDigest("d1".repeat(32))
                .setSampler("one-step")
                .setTimings(new Timings(1L, 2L, 3L, 4L, 5L))
                .setBatchSize(2)
                .setCreatedAt(Instant.EPOCH)
                .build();
    }

    static FailedPrompt failed(@Nullable String requestId, String message) {
        return FailedPrompt.newBuilder()
                .setRequestId(requestId)
                .setCode("PROMPT_TOO_LONG")
                .setStage("text")
                .setMessage(message)
                .setRetryable(false)
                .setTopic("zoetrope.prompts")
                .setPartition(0)
                .setOffset(0)
                .setAttempts(1)
                .setFailedAt(Instant.EPOCH)
                .build();
    }
}
