package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for a device, in buckets. Many threads put, one takes.
 *
 * <p>Whoever removes a request from here owns its answer; that is why none is answered twice.
 */
final class LaneQueue {
    private final LaneClock clock;
    private final Buckets buckets;
    private final Deque<WarmUp<?, ?>> warmUps = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private long sequence;
    private boolean closed;

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
        boolean refused;
        lock.lock();
        try {
            refused = closed;
            // A cancellation that comes after this check finds the waiter in the queue.
            if (!closed && !waiter.ticket().cancelled()) {
                add(waiter);
                work.signal();
                return;
            }
        } finally {
            lock.unlock();
        }
        waiter.ticket().waitsNoMore(waiter);
        if (refused) {
            waiter.fail(closed());
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
     * Blocks until there is something to do, deaf to interrupts: only {@link #close} ends the taking thread. False once
     * closed.
     */
    boolean awaitTurn() {
        lock.lock();
        try {
            while (!closed) {
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
            return warmUps.isEmpty() ? buckets.nanosUntilReady() : 0;
        } finally {
            lock.unlock();
        }
    }

    /** Takes out what is to be done now, if anything. */
    Turn nextTurn() {
        lock.lock();
        try {
            List<Pending<?, ?>> expired = buckets.takeExpired();
            WarmUp<?, ?> warmUp = warmUps.poll();
            if (warmUp != null) {
                warmUp.ticket().waitsNoMore(warmUp);
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
            waiter.ticket().waitsNoMore(waiter);
        }
        return removed;
    }

    /** The batch that was taken goes on with so many requests. */
    void resumes(Bucket<?, ?> bucket, int batch) {
        lock.lock();
        try {
            buckets.resumes(bucket, batch);
        } finally {
            lock.unlock();
        }
    }

    /** How many requests wait. */
    int waiting() {
        lock.lock();
        try {
            return buckets.size();
        } finally {
            lock.unlock();
        }
    }

    /** A run has ended. */
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

    /** How long until a request that is due then, and came now, would be done if it had its batch to itself. */
    double nanosUntilDoneAlone(Bucket<?, ?> bucket, Instant due, LaneClock now) {
        lock.lock();
        try {
            return buckets.nanosUntilDoneAlone(bucket, due, now);
        } finally {
            lock.unlock();
        }
    }

    /** Throws where nobody wants to know any more what is measured for a ticket. */
    void requireWanted(Ticket ticket) {
        lock.lock();
        try {
            if (closed) {
                throw closed();
            }
        } finally {
            lock.unlock();
        }
        if (ticket.cancelled()) {
            throw new CancellationException("the measurement was abandoned, for its request was cancelled");
        }
    }

    /** Ends the queue and fails what waited in it; a second call finds nothing. */
    void close() {
        List<Waiter> waiting;
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            waiting = new ArrayList<>(warmUps);
            warmUps.clear();
            waiting.addAll(buckets.takeAll());
        } finally {
            lock.unlock();
        }
        for (Waiter waiter : waiting) {
            waiter.ticket().waitsNoMore(waiter);
            waiter.fail(closed());
        }
    }

    private static RejectedExecutionException closed() {
        return new RejectedExecutionException("the lane is closed and takes no request; submit to its successor");
    }
}
