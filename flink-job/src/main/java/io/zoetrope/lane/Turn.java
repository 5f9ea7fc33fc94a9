package io.zoetrope.lane;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One iteration of a lane's loop: what it fails and runs, taken out of its queue.
 *
 * @param expired the requests to fail
 * @param warmUp the warm-up to run; there is no batch then
 * @param batch the batch to run
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
