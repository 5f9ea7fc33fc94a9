package io.zoetrope.lane;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds what is in flight, over all stages: lanes themselves take whatever comes, so a request enters here first and
 * holds its place until its ticket is closed.
 */
public final class Admission {
    private final int capacity;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock(true); // who came first enters first
    private final Condition room = lock.newCondition();
    private int inFlight;
    private boolean closed;

    /**
     * Opens an admission.
     *
     * @param capacity how many tickets are out at most, at least 1
     * @param clock that tells when a request arrives
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
     * Lets a request in; blocks while full.
     *
     * @param id that tells the request from others, for cancellations and logs
     * @param deadline from when on it is not worth running
     * @return to be closed when the request is answered, whatever the answer
     * @throws InterruptedException if interrupted while blocked; the request is not in
     * @throws RejectedExecutionException if the admission is closed, also out of a wait
     */
    public Ticket enter(Object id, Optional<Instant> deadline) throws InterruptedException {
        Instant arrivedAt = clock.instant();
        lock.lockInterruptibly();
        try {
            while (!closed && inFlight >= capacity) {
                room.await();
            }
            if (closed) {
                throw new RejectedExecutionException(
                        "the admission is closed and lets no request in; enter at its successor");
            }
            inFlight++;
            return new Ticket(id, arrivedAt, deadline, this::leave);
        } finally {
            lock.unlock();
        }
    }

    /** Lets nobody in any more. Tickets that are out stay valid. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many tickets are out. */
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
            room.signal();
        } finally {
            lock.unlock();
        }
    }
}
