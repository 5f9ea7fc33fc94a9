package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What waits for a device, in buckets. Many threads put, one takes.
 *
 * <p>Whoever removes a request from here owns its answer; that is why none is answered twice.
 */
final class LaneQueue {
    private final LaneClock clock;
    private final List<Bucket<?, ?>> buckets = new ArrayList<>();
    private final Deque<WarmUp<?, ?>> warmUps = new ArrayDeque<>();
    private final Load load = new Load();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private long sequence;
    private boolean closed;

    LaneQueue(LaneClock clock) {
        this.clock = clock;
    }

    void open(Bucket<?, ?> bucket) {
        lock.lock();
        try {
            buckets.add(bucket);
        } finally {
            lock.unlock();
        }
    }

    /** Lets a request wait, or ends it at once if the lane is closed or the ticket cancelled. */
    <I, O> void put(Pending<I, O> pending) {
        boolean refused;
        lock.lock();
        try {
            refused = closed;
            // A cancel that comes later than this look finds the request here.
            if (!closed && !pending.ticket().cancelled()) {
                pending.number(sequence++);
                pending.bucket().add(pending);
                work.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        pending.ticket().waitsNoMore(pending);
        if (refused) {
            pending.fail(closed());
        } else {
            pending.failCancelled();
        }
    }

    void put(WarmUp<?, ?> warmUp) {
        lock.lock();
        try {
            if (!closed) {
                warmUps.add(warmUp);
                work.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        warmUp.done().completeExceptionally(closed());
    }

    /**
     * Blocks until there is something to do, deaf to interrupts: only {@link #close} ends the taking thread. False once
     * closed.
     */
    boolean awaitTurn() {
        lock.lock();
        try {
            while (!closed) {
                long nanos = nanosUntilReady();
                if (nanos == 0) {
                    return true;
                }
                if (nanos == Long.MAX_VALUE) {
                    work.awaitUninterruptibly();
                } else {
                    try {
                        clock.await(work, nanos);
                    } catch (InterruptedException e) {
                        // The lane's thread answers to close alone: it looks again and goes on waiting.
                    }
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** How long until there is something to do, as it looks now; the largest long if nothing waits. */
    long nanosUntilTurn() {
        lock.lock();
        try {
            return nanosUntilReady();
        } finally {
            lock.unlock();
        }
    }

    /** Takes out what is to be done now, if anything. */
    Turn nextTurn() {
        lock.lock();
        try {
            Instant now = Instant.MIN;
            List<Pending<?, ?>> expired = new ArrayList<>();
            if (buckets.stream().anyMatch(Bucket::hasDeadlines)) {
                now = clock.instant();
                for (Bucket<?, ?> bucket : buckets) {
                    bucket.takeExpired(now, expired);
                }
                expired.forEach(pending -> pending.ticket().waitsNoMore(pending));
            }
            WarmUp<?, ?> warmUp = warmUps.poll();
            Batch<?, ?> batch = warmUp == null ? nextBatch() : null;
            return new Turn(now, expired, warmUp, batch);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Batch<?, ?> nextBatch() {
        Bucket<?, ?> next = null;
        Pending<?, ?> oldest = null;
        for (Bucket<?, ?> bucket : buckets) {
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

    /** Zero if a turn is due, the largest long if nothing waits. */
    private long nanosUntilReady() {
        long nanos = warmUps.isEmpty() ? Long.MAX_VALUE : 0;
        for (Bucket<?, ?> bucket : buckets) {
            if (bucket.size() > 0) {
                nanos = Math.min(nanos, bucket.nanosUntilReady(clock));
            }
        }
        return nanos;
    }

    /** Takes a request out, if it still waits. */
    <I, O> boolean remove(Pending<I, O> pending) {
        boolean removed;
        lock.lock();
        try {
            removed = pending.bucket().remove(pending);
        } finally {
            lock.unlock();
        }
        if (removed) {
            pending.ticket().waitsNoMore(pending);
        }
        return removed;
    }

    /** Takes out all that match. A predicate that throws loses nothing. */
    List<Pending<?, ?>> removeAll(Predicate<? super Ticket> which) {
        List<Pending<?, ?>> matching = new ArrayList<>();
        lock.lock();
        try {
            for (Bucket<?, ?> bucket : buckets) {
                matching.addAll(bucket.all());
            }
            matching.removeIf(pending -> !which.test(pending.ticket()));
            matching.forEach(pending -> {
                boolean removed = remove(pending);
                assert removed : pending;
            });
        } finally {
            lock.unlock();
        }
        return matching;
    }

    /** How many requests wait. */
    int waiting() {
        lock.lock();
        try {
            return buckets.stream().mapToInt(Bucket::size).sum();
        } finally {
            lock.unlock();
        }
    }

    /** A run has ended. */
    void ended(Bucket<?, ?> bucket, int batch, long took, boolean failed) {
        lock.lock();
        try {
            if (!failed) {
                bucket.times().learn(batch, took);
            }
            load.ends(clock.nanoTime());
        } finally {
            lock.unlock();
        }
    }

    void measured(Bucket<?, ?> bucket, BatchTable table) {
        lock.lock();
        try {
            bucket.measured(table);
        } finally {
            lock.unlock();
        }
    }

    /** When a request that arrived then would be done, if it came to that bucket at {@code nowNanos}: nanoseconds from that. */
    double nanosUntilDone(Bucket<?, ?> bucket, Instant arrivedAt, long nowNanos) {
        lock.lock();
        try {
            return load.nanosUntilDone(buckets, bucket, arrivedAt, nowNanos);
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the queue and fails what waited in it; a second call finds nothing. */
    void close() {
        List<WarmUp<?, ?>> unwarmed;
        List<Pending<?, ?>> waiting;
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            unwarmed = List.copyOf(warmUps);
            warmUps.clear();
            waiting = removeAll(ticket -> true);
        } finally {
            lock.unlock();
        }
        unwarmed.forEach(warmUp -> warmUp.done().completeExceptionally(closed()));
        waiting.forEach(pending -> pending.fail(closed()));
    }

    private static RejectedExecutionException closed() {
        return new RejectedExecutionException("the lane is closed and takes no request; submit to its successor");
    }
}
