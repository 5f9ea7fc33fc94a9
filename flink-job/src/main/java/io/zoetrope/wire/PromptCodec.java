package io.zoetrope.wire;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.schema.PromptEvent;
import java.util.Optional;

/** Decodes and encodes prompt events as Avro records. */
public final class PromptCodec {
    private PromptCodec() {}

    /**
     * Reads the request id of a prompt event. Checks the whole event, but copies nothing of it except the id, however
     * large its first frame is.
     *
     * @throws RequestException INVALID_EVENT if the bytes are not exactly one prompt event
     */
    public static String requestId(byte[] bytes) {
        try {
            return RecordCodec.PROMPT_EVENT.firstField(bytes);
        } catch (MalformedRecordException e) {
            throw invalid(e);
        }
    }

    /**
     * Decodes a prompt event with labels of any size; see {@link #decode(byte[], MapLimits)}.
     *
     * @throws RequestException with the code INVALID_EVENT if the bytes are not exactly one prompt event
     */
    public static PromptRequest decode(byte[] bytes) {
        return decode(bytes, MapLimits.NONE);
    }

    /**
     * Decodes a prompt event, without validating its contents except the size of its labels.
     *
     * @param labels the largest labels that are decoded
     * @throws RequestException with the code INVALID_EVENT if the bytes are not exactly one prompt event, or
     *     its labels are too large
     */
    public static PromptRequest decode(byte[] bytes, MapLimits labels) {
        try {
            PromptEvent event = RecordCodec.PROMPT_EVENT.decode(bytes, labels);
            return new PromptRequest(
                    event.getRequestId(),
                    event.getPrompt(),
                    Optional.ofNullable(event.getSeed()),
                    Optional.ofNullable(event.getModel()),
                    event.getSteps(),
                    Optional.ofNullable(event.getWidth()),
                    Optional.ofNullable(event.getHeight()),
                    Optional.ofNullable(event.getFrames()),
                    Optional.ofNullable(event.getFirstFrame()),
                    Optional.ofNullable(event.getDeadline()),
                    event.getLabels(),
                    event.getCreatedAt());
        } catch (MalformedRecordException e) {
            throw invalid(e);
        }
    }

    private static RequestException invalid(MalformedRecordException e) {
        return new RequestException(FailureCode.INVALID_EVENT, "admit", String.valueOf(e.getMessage()), e);
    }

    /** Encodes a prompt event. Truncates deadline and creation time to whole milliseconds. */
    public static byte[] encode(PromptRequest request) {
        return RecordCodec.PROMPT_EVENT.encode(PromptEvent.newBuilder()
                .setRequestId(request.requestId())
                .setPrompt(request.text())
                .setSeed(request.seed().orElse(null))
                .setModel(request.model().orElse(null))
                .setSteps(request.steps())
                .setWidth(request.width().orElse(null))
                .setHeight(request.height().orElse(null))
                .setFrames(request.frames().orElse(null))
                .setFirstFrame(request.firstFrame().orElse(null))
                .setDeadline(request.deadline().orElse(null))
                .setLabels(request.labels())
                .setCreatedAt(request.createdAt())
                .build());
    }
}
