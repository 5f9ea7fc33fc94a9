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

    /** When its batch would begin: after the run, the batches of other buckets that go before it, and its own's. */
    double nanosUntilBegun(List<Bucket<?, ?>> buckets, Bucket<?, ?> own, Instant due, LaneClock clock) {
        double nanos = rest(clock.nanoTime());
        for (Bucket<?, ?> bucket : buckets) {
            Pending<?, ?> first = bucket.next();
            if (bucket != own && first != null && !first.ticket().due().isAfter(due)) {
                nanos += drain(bucket, bucket.size());
            }
        }
        int ahead = ahead(own, due);
        nanos += drain(own, ahead - ahead % own.maxBatch());
        return Math.max(nanos, (double) own.nanosUntilCompany(clock));
    }

    /** How long its batch would take, with those that would share it. */
    private double nanosOfBatch(Bucket<?, ?> own, Instant due) {
        return drain(own, ahead(own, due) % own.maxBatch() + 1);
    }

    /** How long a batch of it alone would take. */
    double nanosAlone(Bucket<?, ?> own, Instant due) {
        double nanos = own.times().of(1);
        return nanos > 0 ? nanos : nanosOfBatch(own, due);
    }

    /** A request that is due before those of its bucket is in their next batch. */
    private static int ahead(Bucket<?, ?> own, Instant due) {
        Pending<?, ?> first = own.next();
        boolean goesFirst = first != null && first.ticket().due().isAfter(due);
        return goesFirst ? Math.min(own.size(), own.maxBatch() - 1) : own.size();
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
