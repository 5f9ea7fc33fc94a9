package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The contents of a prompt event, not yet validated. {@link PromptValidator} converts a request to a {@link Prompt}.
 *
 * @param requestId the id that the sender chose
 * @param text the description of the video
 * @param seed the seed of the noise; if empty, the seed is derived from the id
 * @param model the name of the bundle that has to answer; if empty, the first bundle of the job answers
 * @param steps the number of generator passes; {@link #DEFAULT_STEPS} for the model's default
 * @param width the width of the video, in pixels; if empty, the model's width
 * @param height the height of the video, in pixels; if empty, the model's height
 * @param frames the number of frames in the video; if empty, the model's number of frames
 * @param firstFrame the bytes of the image that the video starts from
 * @param deadline the instant after which the video is no longer needed
 * @param labels the labels that are copied unchanged to the answer
 * @param createdAt the time at which the sender created the event
 */
public record PromptRequest(
        String requestId,
        String text,
        Optional<Long> seed,
        Optional<String> model,
        int steps,
        Optional<Integer> width,
        Optional<Integer> height,
        Optional<Integer> frames,
        Optional<ByteBuffer> firstFrame,
        Optional<Instant> deadline,
        Map<String, String> labels,
        Instant createdAt) {
    /** The number of steps of a request that leaves it to the model. */
    public static final int DEFAULT_STEPS = 0;

    public PromptRequest {
        firstFrame = firstFrame.map(ByteBuffer::asReadOnlyBuffer);
        labels = Map.copyOf(labels);
    }

    /** Returns a read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> firstFrame() {
        return firstFrame.map(ByteBuffer::duplicate);
    }
}
