package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A valid request that the served model can answer.
 *
 * @param requestId the id of the request
 * @param text the description of the video; not blank
 * @param seed the seed of the noise
 * @param steps the number of generator passes, at least 1
 * @param shape the size and length of the video
 * @param firstFrame the encoded image that the video starts from
 * @param deadline the instant after which the video is no longer needed
 * @param labels the labels that are copied unchanged to the answer
 * @param createdAt the time at which the sender created the event
 */
public record Prompt(
        RequestId requestId,
        String text,
        long seed,
        int steps,
        VideoShape shape,
        Optional<ByteBuffer> firstFrame,
        Optional<Instant> deadline,
        Map<String, String> labels,
        Instant createdAt) {
    /** Throws an {@link IllegalArgumentException} if the text is blank or {@code steps} is below 1. */
    public Prompt {
        if (text.isBlank()) {
            throw new IllegalArgumentException("prompt: expected text, got only blanks; describe what the video shows");
        }
        if (steps < 1) {
            throw new IllegalArgumentException("steps: expected at least 1, got " + steps);
        }
        firstFrame = firstFrame.map(ByteBuffer::asReadOnlyBuffer);
        labels = Map.copyOf(labels);
    }

    /** Returns a read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> firstFrame() {
        return firstFrame.map(ByteBuffer::duplicate);
    }
}
