package io.zoetrope.lane;

import java.time.Duration;
import java.util.function.Function;

/**
 * A stage and how a lane shall run it.
 *
 * @param name as logs and metrics show it
 * @param stage what runs on the device
 * @param bucket what requests must have in common to share a batch, compared with equals; a lane keeps what it learns of
 *     each bucket, so there should be few
 * @param batchSizes how large a batch of a bucket may be
 * @param maxWait how long a batch that is not full waits for company on an idle device; zero: never
 */
public record StageSpec<I, O>(
        String name, Stage<I, O> stage, Function<? super I, ?> bucket, BatchSizes batchSizes, Duration maxWait) {
    /** Refuses with an {@link IllegalArgumentException} a negative maxWait. */
    public StageSpec {
        if (maxWait.isNegative()) {
            throw new IllegalArgumentException(
                    "stage " + name + ": expected a maxWait of zero or more, got " + maxWait);
        }
    }
}
