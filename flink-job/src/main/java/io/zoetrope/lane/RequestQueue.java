package io.zoetrope.lane;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * The requests that wait, oldest first. Many threads put, one takes.
 *
 * <p>Whoever removes a request from here owns its answer; that is why none is answered twice.
 */
final class RequestQueue<I, O> {
    private final int capacity;
    private final Deque<Pending<I, O>> waiting = new ArrayDeque<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Condition work = lock.newCondition();
    private boolean closed;

    RequestQueue(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue: expected a capacity of at least 1, got " + capacity);
        }
        this.capacity = capacity;
    }

    /** Blocks while full. Throws {@link #closed()} once closed, also out of a wait. */
    void put(Pending<I, O> pending) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && waiting.size() >= capacity) {
                room.await();
            }
            if (closed) {
                throw closed();
            }
            waiting.add(pending);
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Blocks until something waits, deaf to interrupts: only {@link #close} ends the taking thread. False once closed. */
    boolean awaitWork() {
        lock.lock();
        try {
            while (!closed && waiting.isEmpty()) {
                work.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** The oldest request with the next ones of its bucket, up to max; empty if nothing waits. */
    List<Pending<I, O>> nextBatch(int max) {
        lock.lock();
        try {
            Pending<I, O> oldest = waiting.peek();
            return oldest == null
                    ? List.of()
                    : removeUpTo(max, pending -> pending.bucket().equals(oldest.bucket()));
        } finally {
            lock.unlock();
        }
    }

    /** Removes all that match. */
    List<Pending<I, O>> remove(Predicate<Pending<I, O>> which) {
        lock.lock();
        try {
            return removeUpTo(Integer.MAX_VALUE, which);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the queue and hands over what waited in it; a second call finds nothing. */
    List<Pending<I, O>> close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
            return removeUpTo(Integer.MAX_VALUE, pending -> true);
        } finally {
            lock.unlock();
        }
    }

    RejectedExecutionException closed() {
        return new RejectedExecutionException("the lane is closed and takes no request; submit to its successor");
    }

    /** Tests before it removes, so that a predicate that throws loses nothing. */
    private List<Pending<I, O>> removeUpTo(int max, Predicate<Pending<I, O>> which) {
        List<Pending<I, O>> removed = waiting.stream().filter(which).limit(max).toList();
        waiting.removeAll(new HashSet<>(removed));
        room.signalAll();
        return removed;
    }
}
