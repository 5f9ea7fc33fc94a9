package io.zoetrope.lane;

import java.time.Instant;
import java.util.List;

/** How long a device will be busy, by what its runs have taken so far. Guarded by its queue's lock. */
final class Load {
    /** For a batch of which nothing is known: less than any run takes, so that it is soon known; yet requests spread. */
    private static final double UNKNOWN = 1_000;

    private boolean running;
    private long busyUntil = Long.MIN_VALUE;

    void starts(long nowNanos, double expected) {
        running = true;
        busyUntil = nowNanos + (long) expected;
    }

    void ends(long nowNanos) {
        running = false;
        busyUntil = nowNanos;
    }

    /** The rest of the run, the batches of other buckets that go before it, and its own. */
    double nanosUntilDone(List<Bucket<?, ?>> buckets, Bucket<?, ?> own, Instant arrivedAt, long nowNanos) {
        double nanos = rest(nowNanos);
        for (Bucket<?, ?> bucket : buckets) {
            Pending<?, ?> oldest = bucket.oldest();
            if (bucket != own && oldest != null && !oldest.ticket().arrivedAt().isAfter(arrivedAt)) {
                nanos += drain(bucket, bucket.size());
            }
        }
        Pending<?, ?> first = own.oldest();
        boolean next = first == null || first.ticket().arrivedAt().isAfter(arrivedAt);
        return nanos + drain(own, next ? Math.min(own.size() + 1, own.maxBatch()) : own.size() + 1);
    }

    /** A run that is overdue is expected to last as long again: a stuck device draws no requests. */
    private double rest(long nowNanos) {
        if (busyUntil == Long.MIN_VALUE) {
            return 0;
        }
        long left = busyUntil - nowNanos;
        return running ? Math.abs(left) : Math.max(0, left);
    }

    private static double drain(Bucket<?, ?> bucket, int requests) {
        double nanos = bucket.times().drain(requests, bucket.maxBatch());
        return nanos > 0 ? nanos : UNKNOWN * requests;
    }
}
