package io.zoetrope.schema;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;

/** A record of each type in which every field differs from its default, so that a test detects a lost field. */
final class Samples {
    private static final Instant NOW = Instant.ofEpochMilli(1_750_000_000_123L);

    private Samples() {}

    static List<SpecificRecord> all() {
        return List.of(promptEvent(), videoSegment(), failedPrompt());
    }

    static PromptEvent promptEvent() {
        return PromptEvent.newBuilder()
                .setRequestId("r-1")
                .setPrompt("a red circle moves left")
                .setSeed(Long.MIN_VALUE)
                .setModel("toybox-64")
                .setSteps(2)
                .setWidth(64)
                .setHeight(48)
                .setFrames(17)
                .setFirstFrame(bytes(1, 2, 3))
                .setDeadline(NOW.plusSeconds(60))
                .setLabels(Map.of("tenant", "a"))
                .setCreatedAt(NOW)
                .build();
    }

    static VideoSegment videoSegment() {
        return VideoSegment.newBuilder()
                .setRequestId("r-1")
                .setIndex(3)
                .setLast(true)
                .setContentType("video/mp4; codecs=\"av01.0.00M.08\"")
                .setWidth(64)
                .setHeight(48)
                .setFrameRate(new FrameRate(12, 1))
                .setFrameCount(17)
                .setFirstFrameIndex(51)
                .setPayload(bytes(4, 5))
                .setPayloadUri("file:///videos/r-1.mp4")
                .setPayloadSha256("00".repeat(32))
                .setPayloadSize(2)
                .setInitLength(1)
                .setSeed(-7)
                .setModel("toybox-64")
                .setModelDigest("ff".repeat(32))
                .setSampler("two-step")
                .setTimings(new Timings(1L, 2L, 3L, 4L, 5L))
                .setBatchSize(8)
                .setLabels(Map.of("tenant", "a"))
                .setCreatedAt(NOW)
                .setSeedText("-7")
                .build();
    }

    private static FailedPrompt failedPrompt() {
        return FailedPrompt.newBuilder()
                .setRequestId("r-1")
                .setCode("INVALID_EVENT")
                .setStage("admit")
                .setMessage("prompt: expected text, got only blanks; send the words to show")
                .setRetryable(true)
                .setKey(bytes(6))
                .setValue(bytes(7, 8))
                .setTopic("zoetrope.prompts")
                .setPartition(2)
                .setOffset(1L << 40)
                .setAttempts(1)
                .setLabels(Map.of("tenant", "a"))
                .setFailedAt(NOW)
                .build();
    }

    private static ByteBuffer bytes(int... values) {
        var buffer = ByteBuffer.allocate(values.length);
        for (int value : values) {
            buffer.put((byte) value);
        }
        return buffer.flip();
    }
}
