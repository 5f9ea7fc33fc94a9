package io.zoetrope.publish;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.prompt.Origin;
import io.zoetrope.prompt.RequestId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A request that got no video, and why. It keeps the event as it came, so that its sender can repair and repeat it.
 *
 * @param requestId whose it is; empty if the event was too broken to tell
 * @param code what kind of fault it was
 * @param stage where it happened
 * @param message the fact, the values, the remedy
 * @param origin the event as it came
 * @param attempts how often the request was tried, at least 1
 * @param labels handed through untouched; empty if the event was too broken to tell
 * @param failedAt when it was given up
 */
public record Failure(
        Optional<RequestId> requestId,
        FailureCode code,
        String stage,
        String message,
        Origin origin,
        int attempts,
        Map<String, String> labels,
        Instant failedAt)
        implements Outcome {
    /** Refuses with an {@link IllegalArgumentException} attempts below 1. */
    public Failure {
        labels = Map.copyOf(labels);
        if (attempts < 1) {
            throw new IllegalArgumentException("failure: expected at least 1 attempt, got " + attempts);
        }
    }
}
