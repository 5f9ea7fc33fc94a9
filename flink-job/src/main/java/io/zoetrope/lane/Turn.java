package io.zoetrope.lane;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One iteration of a lane's loop: the requests that it fails and runs, already removed from the lane's queue.
 *
 * @param expired the requests to fail
 * @param warmUp the warm-up to run, null if there is none; a turn with a warm-up has no batch
 * @param batch the batch to run, null if there is none
 */
record Turn(
        List<Pending<?, ?>> expired,
        @Nullable WarmUp<?, ?> warmUp,
        @Nullable Batch<?, ?> batch) {
    /** Fails everything in this turn that is not completed. */
    void abandon(Throwable fault) {
        expired.forEach(pending -> pending.abandon(fault));
        if (warmUp != null) {
            warmUp.fail(fault);
        }
        if (batch != null) {
            batch.requests().forEach(pending -> pending.abandon(fault));
        }
    }
}
