package io.zoetrope.lane;

import java.time.Instant;
import java.util.List;

/** Estimates how long a device will be busy, from the durations of its past runs. Guarded by the queue's lock. */
final class Load {
    /**
     * The estimate for a request of a bucket that has never run, in nanoseconds. It is shorter than any real run, so
     * that a lane without measurements is tried soon; it is not zero, so that requests spread over such lanes.
     */
    private static final double UNMEASURED_NANOS = 1_000;

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

    /**
     * Estimates how long until the batch of a request submitted now starts: after the current run, after the batches of
     * other buckets that are due before the request, and after the full batches of its own bucket before it.
     *
     * @param own the request's bucket
     * @param due the request's due time
     */
    double nanosUntilStart(List<Bucket<?, ?>> buckets, Bucket<?, ?> own, Instant due, LaneClock clock) {
        double nanos = remainingNanos(clock.nanoTime());
        for (Bucket<?, ?> bucket : buckets) {
            Pending<?, ?> first = bucket.next();
            if (bucket != own && first != null && !first.ticket().due().isAfter(due)) {
                nanos += drain(bucket, bucket.size());
            }
        }
        int ahead = ahead(own, due);
        nanos += drain(own, ahead - ahead % own.maxBatch());
        return Math.max(nanos, (double) own.nanosUntilReadyWithOneMore(clock));
    }

    /** Estimates the duration of the request's batch, with the requests that would share it. */
    private double nanosOfBatch(Bucket<?, ?> own, Instant due) {
        return drain(own, ahead(own, due) % own.maxBatch() + 1);
    }

    /** Estimates the duration of a batch of the request alone. */
    double nanosAlone(Bucket<?, ?> own, Instant due) {
        double nanos = own.times().of(1);
        return nanos > 0 ? nanos : nanosOfBatch(own, due);
    }

    /**
     * Counts the requests of the bucket that run before the request. A request that is due first is in the next batch.
     */
    private static int ahead(Bucket<?, ?> own, Instant due) {
        Pending<?, ?> first = own.next();
        boolean dueFirst = first != null && first.ticket().due().isAfter(due);
        return dueFirst ? Math.min(own.size(), own.maxBatch() - 1) : own.size();
    }

    /**
     * Estimates the rest of the current run. A run that is late by some time is expected to need that time once more,
     * so that a stuck device gets no requests.
     */
    private double remainingNanos(long nowNanos) {
        if (busyUntil == Long.MIN_VALUE) {
            return 0;
        }
        long left = busyUntil - nowNanos;
        return running ? Math.abs(left) : Math.max(0, left);
    }

    private static double drain(Bucket<?, ?> bucket, int requests) {
        double nanos = bucket.times().drain(requests, bucket.maxBatch());
        return nanos > 0 ? nanos : UNMEASURED_NANOS * requests;
    }
}
