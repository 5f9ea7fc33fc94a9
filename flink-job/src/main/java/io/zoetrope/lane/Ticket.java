package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request's way through all stages, from {@link Admission#enter} to {@link #close}: when it is due decides its turn on
 * every lane, its deadline and its cancellation hold at each.
 */
public final class Ticket implements AutoCloseable {
    /**
     * After this long, nobody who comes later goes before it, however near his deadline: so nobody starves. Long enough
     * for deadlines to matter, short beside what anyone waits for an answer.
     */
    static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Object id;
    private final Instant arrivedAt;
    private final Optional<Instant> deadline;
    private final Instant due;
    private final Runnable leave;
    /** Guarded by this. A ticket waits at one lane at a time, unless its request forks. */
    private final List<Waiter> waiting = new ArrayList<>(1);

    private volatile boolean cancelled;
    private boolean closed;

    Ticket(Object id, Instant arrivedAt, Optional<Instant> deadline, Runnable leave) {
        this.id = id;
        this.arrivedAt = arrivedAt;
        this.deadline = deadline;
        this.leave = leave;
        Instant patient = arrivedAt.plus(PATIENCE);
        due = deadline.filter(patient::isAfter).orElse(patient);
    }

    /** What it was entered with. */
    public Object id() {
        return id;
    }

    /** When it asked to enter. */
    public Instant arrivedAt() {
        return arrivedAt;
    }

    /** From when on it is not worth running. */
    public Optional<Instant> deadline() {
        return deadline;
    }

    /** Who is due first goes first: by the deadline, and by age where that is far or missing. */
    Instant due() {
        return due;
    }

    /**
     * Ends its wait, at whatever lane, with a {@link java.util.concurrent.CancellationException}, on this thread, and
     * every later submission likewise; a run that has begun goes on to its end, a warm-up or a measurement no further than
     * that. The ticket still wants to be closed.
     */
    public void cancel() {
        List<Waiter> ending;
        synchronized (this) {
            cancelled = true;
            ending = List.copyOf(waiting);
        }
        ending.forEach(Waiter::cancel); // outside the monitor, for it takes its lane's lock
    }

    /** Whether it was cancelled. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Gives its place to the next; a second call does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        leave.run();
    }

    synchronized void waits(Waiter waiter) {
        waiting.add(waiter);
    }

    synchronized void waitsNoMore(Waiter waiter) {
        waiting.remove(waiter);
    }

    boolean expired(Instant now) {
        return deadline.isPresent() && !deadline.get().isAfter(now);
    }

    @Override
    public String toString() {
        return String.valueOf(id);
    }
}
