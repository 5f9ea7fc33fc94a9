package io.zoetrope.prompt;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A request that the served model can answer, valid by construction.
 *
 * @param requestId whose answer it will be
 * @param text what the video shall show; not blank
 * @param seed of the noise
 * @param steps generator passes, at least 1
 * @param firstFrame an encoded image that the video shall start from
 * @param deadline after which nobody wants the video any more
 * @param labels handed through untouched
 * @param createdAt when the sender made the event
 */
public record Prompt(
        RequestId requestId,
        String text,
        long seed,
        int steps,
        Optional<ByteBuffer> firstFrame,
        Optional<Instant> deadline,
        Map<String, String> labels,
        Instant createdAt) {
    /** Refuses with an {@link IllegalArgumentException} a blank text and steps below 1. */
    public Prompt {
        if (text.isBlank()) {
            throw new IllegalArgumentException("prompt: expected text, got only blanks; say what the video shall show");
        }
        if (steps < 1) {
            throw new IllegalArgumentException("steps: expected at least 1, got " + steps);
        }
        firstFrame = firstFrame.map(ByteBuffer::asReadOnlyBuffer);
        labels = Map.copyOf(labels);
    }

    /** A read-only view with its own position. */
    @Override
    public Optional<ByteBuffer> firstFrame() {
        return firstFrame.map(ByteBuffer::duplicate);
    }
}
