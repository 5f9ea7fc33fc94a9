package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All buckets of a lane. Decides whose turn it is, and estimates the lane's load. Guarded by the queue's lock. */
final class Buckets {
    private final LaneClock clock;
    private final List<Bucket<?, ?>> all = new ArrayList<>();
    private final Load load = new Load();

    Buckets(LaneClock clock) {
        this.clock = clock;
    }

    void add(Bucket<?, ?> bucket) {
        all.add(bucket);
    }

    /** Returns the number of waiting requests. */
    int size() {
        return all.stream().mapToInt(Bucket::size).sum();
    }

    List<Pending<?, ?>> takeExpired() {
        if (all.stream().noneMatch(Bucket::hasDeadlines)) {
            return List.of();
        }
        Instant now = clock.instant();
        List<Pending<?, ?>> expired = new ArrayList<>();
        all.forEach(bucket -> bucket.takeExpired(now, expired));
        expired.forEach(pending -> pending.ticket().remove(pending));
        return expired;
    }

    List<Pending<?, ?>> takeAll() {
        List<Pending<?, ?>> waiting = new ArrayList<>();
        all.forEach(bucket -> waiting.addAll(bucket.all()));
        waiting.forEach(Pending::leaveBucket);
        return waiting;
    }

    /** Takes a batch of the ready bucket whose first request is due first; null if none is ready. */
    @Nullable
    Batch<?, ?> takeBatch() {
        Pending<?, ?> next = null;
        for (Bucket<?, ?> bucket : all) {
            Pending<?, ?> first = bucket.next();
            if (first != null
                    && (next == null || Pending.TURN.compare(first, next) < 0)
                    && bucket.nanosUntilReady(clock) == 0) {
                next = first;
            }
        }
        return next == null ? null : take(next.bucket());
    }

    private <I, O> Batch<I, O> take(Bucket<I, O> bucket) {
        List<Pending<I, O>> requests = bucket.takeBatch();
        requests.forEach(pending -> pending.ticket().remove(pending));
        load.starts(clock.nanoTime(), bucket.times().of(requests.size()));
        return new Batch<>(bucket, requests);
    }

    /** Returns 0 if a bucket is ready, and Long.MAX_VALUE if no request waits. */
    long nanosUntilReady() {
        long nanos = Long.MAX_VALUE;
        for (Bucket<?, ?> bucket : all) {
            if (bucket.size() > 0) {
                nanos = Math.min(nanos, bucket.nanosUntilReady(clock));
            }
        }
        return nanos;
    }

    void expectBatch(Bucket<?, ?> bucket, int batch) {
        if (batch == 0) {
            load.ends(clock.nanoTime());
        } else {
            load.starts(clock.nanoTime(), bucket.times().of(batch));
        }
    }

    void ended(Bucket<?, ?> bucket, int batch, long took, boolean failed) {
        if (!failed) {
            bucket.times().learn(batch, took);
        }
        load.ends(clock.nanoTime());
    }

    /**
     * Returns the expected duration of a run. For a bucket that has not run yet, it is that of the longest run of its
     * stage; 0 if the stage has not run yet.
     */
    double expectedNanos(Bucket<?, ?> bucket, int batch) {
        double nanos = bucket.times().of(batch);
        if (nanos > 0) {
            return nanos;
        }
        return all.stream()
                .filter(other -> other.spec().equals(bucket.spec()))
                .mapToDouble(other -> other.times().longest())
                .max()
                .orElse(0);
    }

    double nanosUntilDoneAlone(Bucket<?, ?> bucket, Instant due, LaneClock callerClock) {
        return load.nanosUntilStart(all, bucket, due, callerClock) + load.nanosAlone(bucket, due);
    }
}
