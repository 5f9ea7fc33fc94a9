package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The requests and warm-ups that wait for a device. Many threads add to it; the lane's thread takes from it.
 *
 * <p>The thread that removes a request from here completes it, and only one thread can remove it. This is why no
 * request is completed twice.
 */
final class LaneQueue {
    private final LaneClock clock;
    private final Buckets buckets;
    private final Deque<WarmUp<?, ?>> warmUps = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    /** The condition that is signalled when a request or a warm-up is added, and on close. */
    private final Condition work = lock.newCondition();
    /** The position of the next request in the order of submission. */
    private long sequence;

    /** The reason for which the queue is closed and refuses requests; null while it is open. */
    private @Nullable RejectedExecutionException refusal;

    LaneQueue(LaneClock clock) {
        this.clock = clock;
        this.buckets = new Buckets(clock);
    }

    void open(Bucket<?, ?> bucket) {
        lock.lock();
        try {
            buckets.add(bucket);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a request or a warm-up; fails it at once if the lane is closed or its ticket is cancelled. */
    void put(Waiter waiter) {
        RejectedExecutionException refused;
        lock.lock();
        try {
            refused = refusal;
            // A cancellation that comes after this check finds the waiter in the queue.
            if (refused == null && !waiter.ticket().cancelled()) {
                add(waiter);
                work.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        waiter.ticket().remove(waiter);
        if (refused != null) {
            waiter.fail(refused);
        } else {
            waiter.failCancelled();
        }
    }

    private void add(Waiter waiter) {
        if (waiter instanceof WarmUp<?, ?> warmUp) {
            warmUps.add(warmUp);
        } else if (waiter instanceof Pending<?, ?> pending) {
            pending.enterBucket(sequence++);
        }
    }

    /**
     * Blocks until there is something to do; returns false if the queue is closed. Waits without reacting to
     * interrupts, because only {@link #close} may end the lane's thread.
     */
    boolean awaitTurn() {
        lock.lock();
        try {
            while (refusal == null) {
                long nanos = nanosUntilTurn();
                if (nanos == 0) {
                    return true;
                }
                if (nanos == Long.MAX_VALUE) {
                    work.awaitUninterruptibly();
                } else {
                    try {
                        clock.await(work, nanos);
                    } catch (InterruptedException e) {
                        // Only close ends the wait: the loop checks again and continues to wait.
                    }
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how long until there is something to do, if nothing is added before; Long.MAX_VALUE if nothing waits. */
    long nanosUntilTurn() {
        lock.lock();
        try {
            return warmUps.isEmpty() ? buckets.nanosUntilReady() : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out what the lane does now: expired requests to fail, and a warm-up or a batch to run, if one is ready. */
    Turn nextTurn() {
        lock.lock();
        try {
            List<Pending<?, ?>> expired = buckets.takeExpired();
            WarmUp<?, ?> warmUp = warmUps.poll();
            if (warmUp != null) {
                warmUp.ticket().remove(warmUp);
            }
            return new Turn(expired, warmUp, warmUp == null ? buckets.takeBatch() : null);
        } finally {
            lock.unlock();
        }
    }

    /** Removes a request or a warm-up; returns false if it does not wait here any more. */
    boolean remove(Waiter waiter) {
        boolean removed;
        lock.lock();
        try {
            removed = waiter instanceof Pending<?, ?> pending ? pending.leaveBucket() : warmUps.remove(waiter);
        } finally {
            lock.unlock();
        }
        if (removed) {
            waiter.ticket().remove(waiter);
        }
        return removed;
    }

    /** Updates the load estimate when only some requests of a batch that was taken run now; 0 if none is left. */
    void expectBatch(Bucket<?, ?> bucket, int batch) {
        lock.lock();
        try {
            buckets.expectBatch(bucket, batch);
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of waiting requests. */
    int waiting() {
        lock.lock();
        try {
            return buckets.size();
        } finally {
            lock.unlock();
        }
    }

    /** Learns the duration of a run that has ended, unless it failed, and marks the device idle. */
    void ended(Bucket<?, ?> bucket, int batch, long took, boolean failed) {
        lock.lock();
        try {
            buckets.ended(bucket, batch, took, failed);
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

    /** Returns the expected duration of a run in nanoseconds; 0 if its stage has not run yet. */
    double expectedNanos(Bucket<?, ?> bucket, int batch) {
        lock.lock();
        try {
            return buckets.expectedNanos(bucket, batch);
        } finally {
            lock.unlock();
        }
    }

    void limit(Bucket<?, ?> bucket, int batch) {
        lock.lock();
        try {
            bucket.limit(batch);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Estimates how long until a request with this due time, submitted now, would be done if it ran alone.
     *
     * @param callerClock the clock of the caller; in a simulation the lane's clock may be ahead of it
     */
    double nanosUntilDoneAlone(Bucket<?, ?> bucket, Instant due, LaneClock callerClock) {
        lock.lock();
        try {
            return buckets.nanosUntilDoneAlone(bucket, due, callerClock);
        } finally {
            lock.unlock();
        }
    }

    /** Throws if the queue is closed or the ticket cancelled: a measurement for the ticket must not continue then. */
    void requireActive(Ticket ticket) {
        lock.lock();
        try {
            if (refusal != null) {
                throw refusal;
            }
        } finally {
            lock.unlock();
        }
        if (ticket.cancelled()) {
            throw new CancellationException("the measurement was stopped because its request was cancelled");
        }
    }

    /** Closes the queue and fails everything that waits in it. A second call does nothing. */
    void close() {
        close(new RejectedExecutionException(
                "the lane is closed and accepts no requests; submit to a lane that is open"));
    }

    /** Closes the queue, because its lane is taken out of use, and fails everything that waits in it. */
    void takeOut(LaneOutException reason) {
        close(reason);
    }

    private void close(RejectedExecutionException reason) {
        List<Waiter> waiting;
        RejectedExecutionException first;
        lock.lock();
        try {
            first = refusal == null ? reason : refusal;
            refusal = first;
            work.signalAll();
            waiting = new ArrayList<>(warmUps);
            warmUps.clear();
            waiting.addAll(buckets.takeAll());
        } finally {
            lock.unlock();
        }
        for (Waiter waiter : waiting) {
            waiter.ticket().remove(waiter);
            waiter.fail(first);
        }
    }

    /** Returns the exception for requests that the queue refuses; empty while it is open. */
    Optional<RejectedExecutionException> refusal() {
        lock.lock();
        try {
            return Optional.ofNullable(refusal);
        } finally {
            lock.unlock();
        }
    }
}
