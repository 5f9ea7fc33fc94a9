package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the number of requests in flight over all stages. The queues of lanes themselves have no bound: a request is
 * admitted here first and counts until its ticket is closed.
 */
public final class Admission {
    private final int capacity;
    private final InstantSource clock;
    private final ReentrantLock lock =
            new ReentrantLock(true); // fair: requests are admitted in the order of their arrival
    private final Condition spaceFreed = lock.newCondition();
    private int inFlight;
    private boolean closed;

    /**
     * Creates an admission with no request in flight.
     *
     * @param capacity the maximum number of requests in flight, at least 1
     * @param clock gives the arrival time of a request
     * @throws IllegalArgumentException if the capacity is below 1
     */
    public Admission(int capacity, InstantSource clock) {
        if (capacity < 1) {
            throw new IllegalArgumentException("admission: expected a capacity of at least 1, got " + capacity);
        }
        this.capacity = capacity;
        this.clock = clock;
    }

    /**
     * Admits a request; blocks while the capacity is in use.
     *
     * @param id the id that identifies the request in cancellations and logs
     * @param deadline the time after which the request must not run any more
     * @return the ticket of the request, which the caller closes when the request is answered or has failed
     * @throws InterruptedException if interrupted while blocked; the request is not admitted
     * @throws RejectedExecutionException if the admission is closed, also while blocked
     */
    public Ticket enter(Object id, Optional<Instant> deadline) throws InterruptedException {
        return enter(id, deadline, Duration.ZERO);
    }

    /**
     * Admits a request, as {@link #enter(Object, Optional)}, whose turn is before that of earlier ones.
     *
     * @param ahead how much earlier a request may have arrived and have its turn after this one
     */
    public Ticket enter(Object id, Optional<Instant> deadline, Duration ahead) throws InterruptedException {
        Instant arrivedAt = clock.instant();
        lock.lockInterruptibly();
        try {
            while (!closed && inFlight >= capacity) {
                spaceFreed.await();
            }
            if (closed) {
                throw new RejectedExecutionException(
                        "the admission is closed and admits no request; enter an open one");
            }
            inFlight++;
            return new Ticket(id, arrivedAt, deadline, ahead, this::leave);
        } finally {
            lock.unlock();
        }
    }

    /** Refuses further requests, also those that are blocked. Tickets of admitted requests stay valid. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            spaceFreed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of tickets that are not closed. */
    public int inFlight() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            inFlight--;
            spaceFreed.signal();
        } finally {
            lock.unlock();
        }
    }
}
