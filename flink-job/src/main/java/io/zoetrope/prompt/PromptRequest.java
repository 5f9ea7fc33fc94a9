package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What was asked, word for word and still unchecked; {@link PromptValidator} makes a {@link Prompt} of it.
 *
 * @param requestId the sender's id
 * @param text the prompt
 * @param seed of the noise; without it, one derives from the id
 * @param model the bundle that shall answer; without it, the one that is served
 * @param steps generator passes
 * @param width of the video, in pixels; without it, the model's
 * @param height of the video, in pixels; without it, the model's
 * @param frames of the video; without it, the model's
 * @param firstFrame image bytes to start from
 * @param deadline after which nobody wants the video any more
 * @param labels handed through untouched
 * @param createdAt when the sender made the event
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
    public PromptRequest {
        firstFrame = firstFrame.map(ByteBuffer::asReadOnlyBuffer);
        labels = Map.copyOf(labels);
    }

    /** A read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> firstFrame() {
        return firstFrame.map(ByteBuffer::duplicate);
    }
}
