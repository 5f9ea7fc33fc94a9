package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the number of requests in flight over all stages. The queues of lanes themselves have no bound: a request is
 * admitted here first and counts until its ticket is closed. No thread waits for an admission, because the thread that
 * enters a request may be the one that has to take part in checkpoints.
 */
public final class Admission {
    private final int capacity;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    /** The tickets that are not admitted yet, in the order of their arrival. Guarded by the lock, as are the others. */
    private final Deque<Ticket> waiting = new ArrayDeque<>();

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
     * Enters a request, as {@link #enter(Object, Optional, Duration)}, that does not go ahead of others.
     *
     * @throws RejectedExecutionException if the admission is closed
     */
    public Ticket enter(Object id, Optional<Instant> deadline) {
        return enter(id, deadline, Duration.ZERO);
    }

    /**
     * Enters a request. Never blocks: while the capacity is in use, the request waits for its
     * {@linkplain Ticket#admitted admission}, after those that entered before it.
     *
     * @param id the id that identifies the request in cancellations and logs
     * @param deadline the time after which the request must not run any more
     * @param ahead how much earlier a request may have arrived and have its turn at a lane after this one
     * @return the ticket of the request, which the caller closes when the request is answered or has failed
     * @throws RejectedExecutionException if the admission is closed
     */
    public Ticket enter(Object id, Optional<Instant> deadline, Duration ahead) {
        Ticket ticket = new Ticket(id, clock.instant(), deadline, ahead, this::leave);
        lock.lock();
        try {
            if (closed) {
                throw new RejectedExecutionException(
                        "the admission is closed and admits no request; enter an open one");
            }
            if (inFlight >= capacity) {
                waiting.add(ticket);
                return ticket;
            }
            inFlight++;
        } finally {
            lock.unlock();
        }
        ticket.admit();
        return ticket;
    }

    /** Refuses further requests. Tickets stay valid; those that wait are admitted as others are closed. */
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns the number of requests that are admitted and whose tickets are not closed. */
    public int inFlight() {
        lock.lock();
        try {
            return inFlight;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Ticket ticket) {
        Ticket next;
        lock.lock();
        try {
            if (waiting.remove(ticket)) {
                return; // it was never admitted
            }
            next = waiting.poll();
            if (next == null) {
                inFlight--;
            }
        } finally {
            lock.unlock();
        }
        if (next != null) {
            next.admit(); // without the lock, because the request begins on this thread
        }
    }
}
