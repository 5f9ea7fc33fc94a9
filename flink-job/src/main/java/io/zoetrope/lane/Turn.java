package io.zoetrope.lane;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lane does next, taken out of its queue.
 *
 * @param expired requests to be failed
 * @param warmUp to be run; then there is no batch
 * @param batch to be run
 */
record Turn(
        List<Pending<?, ?>> expired,
        @Nullable WarmUp<?, ?> warmUp,
        @Nullable Batch<?, ?> batch) {
    /** Fails what of it is not answered yet. */
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
