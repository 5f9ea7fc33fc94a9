package io.zoetrope.fair;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A request that waits for its turn.
 *
 * @param requestId the request's id
 * @param tenant the name of its tenant, as the sender gives it
 * @param arrivedAt the time at which it began to wait
 * @param partition the partition of its record
 * @param offset the offset of its record, which orders requests that arrived at the same time
 * @param deadline the time after which the answer is not needed
 * @param work how much it costs, compared with a usual request; above 0
 */
public record Waiting(
        String requestId,
        String tenant,
        Instant arrivedAt,
        int partition,
        long offset,
        Optional<Instant> deadline,
        double work) {
    private static final Comparator<Waiting> BY_ARRIVAL = Comparator.comparing(Waiting::arrivedAt)
            .thenComparingLong(Waiting::offset)
            .thenComparingInt(Waiting::partition)
            .thenComparing(Waiting::requestId);

    /** Orders the requests of one tenant: by deadline, if it is near, and otherwise by arrival. */
    static final Comparator<Waiting> BY_DUE_TIME =
            Comparator.comparing(Waiting::due).thenComparing(BY_ARRIVAL);

    /** Orders requests that have a deadline by it. */
    static final Comparator<Waiting> BY_DEADLINE = Comparator.<Waiting, Instant>comparing(
                    request -> request.deadline().orElse(Instant.MAX))
            .thenComparing(BY_ARRIVAL);

    /** Returns the deadline, or a minute after the arrival if that is earlier, so that no deadline starves another. */
    private Instant due() {
        Instant latest = arrivedAt.plus(FairQueue.NEAR);
        return deadline.filter(latest::isAfter).orElse(latest);
    }
}
