package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All buckets of a device, and whose turn it is. Guarded by their queue's lock. */
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

    /** How many requests wait. */
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
        expired.forEach(pending -> pending.ticket().waitsNoMore(pending));
        return expired;
    }

    /** Tests before it takes, so that a predicate that throws loses nothing. */
    List<Pending<?, ?>> takeAll(Predicate<? super Ticket> which) {
        List<Pending<?, ?>> matching = new ArrayList<>();
        all.forEach(bucket -> matching.addAll(bucket.all()));
        matching.removeIf(pending -> !which.test(pending.ticket()));
        for (Pending<?, ?> pending : matching) {
            pending.leaveBucket();
            pending.ticket().waitsNoMore(pending);
        }
        return matching;
    }

    /** Of those that are ready, the bucket of the oldest request. */
    @Nullable
    Batch<?, ?> takeBatch() {
        Bucket<?, ?> next = null;
        Pending<?, ?> oldest = null;
        for (Bucket<?, ?> bucket : all) {
            Pending<?, ?> first = bucket.oldest();
            if (first != null
                    && (oldest == null || Pending.AGE.compare(first, oldest) < 0)
                    && bucket.nanosUntilReady(clock) == 0) {
                next = bucket;
                oldest = first;
            }
        }
        return next == null ? null : take(next);
    }

    private <I, O> Batch<I, O> take(Bucket<I, O> bucket) {
        List<Pending<I, O>> requests = bucket.takeBatch();
        requests.forEach(pending -> pending.ticket().waitsNoMore(pending));
        load.starts(clock.nanoTime(), bucket.times().of(requests.size()));
        return new Batch<>(bucket, requests);
    }

    /** Zero if one is ready, the largest long if nothing waits. */
    long nanosUntilReady() {
        long nanos = Long.MAX_VALUE;
        for (Bucket<?, ?> bucket : all) {
            if (bucket.size() > 0) {
                nanos = Math.min(nanos, bucket.nanosUntilReady(clock));
            }
        }
        return nanos;
    }

    void resumes(Bucket<?, ?> bucket, int batch) {
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

    double nanosUntilDone(Bucket<?, ?> bucket, Instant arrivedAt, LaneClock now) {
        return load.nanosUntilBegun(all, bucket, arrivedAt, now) + load.nanosOfBatch(bucket, arrivedAt);
    }

    double nanosUntilDoneAlone(Bucket<?, ?> bucket, Instant arrivedAt, LaneClock now) {
        return load.nanosUntilBegun(all, bucket, arrivedAt, now) + load.nanosAlone(bucket, arrivedAt);
    }
}
