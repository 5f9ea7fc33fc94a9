package io.zoetrope.engine;

import io.zoetrope.lane.Admission;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests that an engine has accepted and not yet answered. Bounds the number of admitted ones, and waits until all
 * are answered.
 */
final class RequestsInFlight {
    private final Admission admission;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition noneLeft = lock.newCondition();
    /** The tickets of the requests. Guarded by the lock, as is {@code closed}. */
    private final Set<Ticket> tickets = new HashSet<>();

    private boolean closed;

    RequestsInFlight(int max, LaneClock clock) {
        admission = new Admission(max, clock);
    }

    /**
     * Enters a request. Never blocks: while the maximum number is in flight, the request waits for its admission.
     *
     * @param ahead how much earlier a request may have arrived and have its turn after this one
     * @throws RejectedExecutionException if closed
     */
    Ticket enter(RequestId id, Optional<Instant> deadline, Duration ahead) {
        Ticket ticket = admission.enter(id, deadline, ahead);
        lock.lock();
        try {
            if (!closed) {
                tickets.add(ticket);
                return ticket;
            }
        } finally {
            lock.unlock();
        }
        ticket.close();
        throw closedFault();
    }

    /** Removes a request that is answered and holds no memory any more. */
    void leave(Ticket ticket) {
        ticket.close();
        lock.lock();
        try {
            tickets.remove(ticket);
            if (tickets.isEmpty()) {
                noneLeft.signalAll();
            }
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

    int inFlight() {
        return admission.inFlight();
    }

    /** Returns the exception for a request that a closed engine refuses. */
    RejectedExecutionException closedFault() {
        return new RejectedExecutionException(
                "the engine is closed and accepts no requests; submit to an engine that is open");
    }

    /** Refuses new requests, cancels those in flight, and returns when the last one is answered. */
    void close() {
        admission.close();
        List<Ticket> all;
        lock.lock();
        try {
            closed = true;
            all = List.copyOf(tickets);
        } finally {
            lock.unlock();
        }
        all.forEach(Ticket::cancel);
        awaitNoneLeft();
    }

    /**
     * Waits without reacting to interrupts: memory and sessions that a request uses must not be freed before it ends.
     */
    private void awaitNoneLeft() {
        lock.lock();
        try {
            while (!tickets.isEmpty()) {
                noneLeft.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }
}
