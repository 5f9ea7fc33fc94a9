package io.zoetrope.lane;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a lane does next, taken out of its queue.
 *
 * @param now the time by which they expired
 * @param expired requests to be failed
 * @param warmUp to be run; then there is no batch
 * @param batch to be run
 */
record Turn(
        Instant now,
        List<Pending<?, ?>> expired,
        @Nullable WarmUp<?, ?> warmUp,
        @Nullable Batch<?, ?> batch) {}
