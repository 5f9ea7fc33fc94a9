package io.zoetrope.lane;

import java.time.Duration;
import java.util.function.Function;

/**
 * A stage and the rules by which a lane runs it.
 *
 * @param name the name in logs and metrics
 * @param stage the function that runs on the device
 * @param bucket returns the batching key of a request: only requests of equal keys share a batch. A lane keeps what it
 *     has learned of every key, so the number of keys should be small
 * @param batchSizes the rule for the largest batch of a bucket
 * @param maxWait how long a batch that is not full waits for more requests on an idle device; zero for no wait
 */
public record StageSpec<I, O>(
        String name, Stage<I, O> stage, Function<? super I, ?> bucket, BatchSizes batchSizes, Duration maxWait) {
    /** Throws an {@link IllegalArgumentException} for a negative maxWait. */
    public StageSpec {
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException(
                    "stage " + name + ": expected a maxWait of zero or more, got " + maxWait);
        }
    }
}
