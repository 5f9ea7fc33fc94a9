package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The ticket of a request from {@link Admission#enter} to {@link #close}, the same at all stages. Its due time decides
 * the request's turn on every lane. Its deadline and its cancellation apply on every lane.
 */
public final class Ticket implements AutoCloseable {
    /**
     * A request without a near deadline is due this long after its arrival. After that no later request runs before it,
     * however near its deadline, so no request starves. The time is long enough for deadlines to take effect, and short
     * compared with the time that a client waits for an answer.
     */
    static final Duration DUE_AFTER = Duration.ofMinutes(1);

    private final Object id;
    private final Instant arrivedAt;
    private final Optional<Instant> deadline;
    private final Instant due;
    private final Consumer<Ticket> leave;
    private final CompletableFuture<Ticket> admitted = new CompletableFuture<>();
    /**
     * The entries of this ticket in the queues of lanes. Guarded by this. At most one, unless the request uses several
     * lanes in parallel.
     */
    private final List<Waiter> waiting = new ArrayList<>(1);

    private volatile boolean cancelled;
    private volatile boolean lostLane;
    private boolean closed;

    /** Creates an admitted ticket. */
    Ticket(Object id, Instant arrivedAt, Optional<Instant> deadline, Runnable leave) {
        this(id, arrivedAt, deadline, Duration.ZERO, ticket -> leave.run());
        admit();
    }

    /**
     * Creates a ticket that is not admitted yet, and whose turn is before that of requests that arrived up to
     * {@code ahead} earlier.
     */
    Ticket(Object id, Instant arrivedAt, Optional<Instant> deadline, Duration ahead, Consumer<Ticket> leave) {
        this.id = id;
        this.arrivedAt = arrivedAt;
        this.deadline = deadline;
        this.leave = leave;
        Instant latest = arrivedAt.plus(DUE_AFTER).minus(ahead);
        due = deadline.filter(latest::isAfter).orElse(latest);
    }

    /** Returns the id that the request was admitted with. */
    public Object id() {
        return id;
    }

    /**
     * Returns a stage that completes with this ticket when the request is admitted, or fails with a {@link
     * CancellationException} if the ticket is cancelled before.
     */
    public CompletionStage<Ticket> admitted() {
        return admitted.minimalCompletionStage();
    }

    void admit() {
        admitted.complete(this);
    }

    /** Returns when the request called {@link Admission#enter}. */
    public Instant arrivedAt() {
        return arrivedAt;
    }

    /** Returns the time after which the request must not run any more. */
    public Optional<Instant> deadline() {
        return deadline;
    }

    /**
     * Returns the time that decides the turn: the deadline, or {@link #DUE_AFTER} after the arrival if that is
     * earlier, less the time that the request goes ahead.
     */
    Instant due() {
        return due;
    }

    /**
     * Cancels the request. If it waits for its admission or at a lane, it fails with a {@link CancellationException} on
     * this thread; every later submission fails too. A run that has begun continues to its end; a warm-up or a
     * measurement stops after its current run. The ticket must still be closed.
     */
    public void cancel() {
        List<Waiter> ending;
        synchronized (this) {
            cancelled = true;
            ending = List.copyOf(waiting);
        }
        admitted.completeExceptionally(new CancellationException("the request was cancelled before it was admitted"));
        ending.forEach(Waiter::cancel); // outside the monitor, because it takes a lane's lock
    }

    /** Returns whether the request was cancelled. */
    public boolean cancelled() {
        return cancelled;
    }

    /** Ends the request's use of the admission's capacity. A second call does nothing. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        leave.accept(this);
    }

    synchronized void add(Waiter waiter) {
        waiting.add(waiter);
    }

    synchronized void remove(Waiter waiter) {
        waiting.remove(waiter);
    }

    /** Records that a lane was taken out of use because of faults of its device in runs of this request. */
    void loseLane() {
        lostLane = true;
    }

    boolean lostLane() {
        return lostLane;
    }

    boolean expired(Instant now) {
        return deadline.isPresent() && !deadline.get().isAfter(now);
    }

    @Override
    public String toString() {
        return String.valueOf(id);
    }
}
