package io.zoetrope.publish;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.prompt.Origin;
import io.zoetrope.prompt.RequestId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A request that ended without a video, with the reason. It contains the unchanged event, so that the sender can
 * correct the event and send it again.
 *
 * @param requestId the id of the request; empty if the event could not be decoded
 * @param code the kind of fault
 * @param stage the stage that detected the fault
 * @param message the fact, the values and the remedy
 * @param origin the unchanged event
 * @param attempts the number of attempts before the request failed, at least 1
 * @param labels the request's labels, unchanged; empty if the event could not be decoded
 * @param failedAt the time at which the fault was detected
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
    /** Throws an {@link IllegalArgumentException} if {@code attempts} is below 1. */
    public Failure {
        labels = Map.copyOf(labels);
        if (attempts < 1) {
            throw new IllegalArgumentException("failure: expected at least 1 attempt, got " + attempts);
        }
    }
}
