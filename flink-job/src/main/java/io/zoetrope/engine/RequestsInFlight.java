package io.zoetrope.engine;

import io.zoetrope.lane.Admission;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.RequestId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

/** The requests that an engine has taken and not yet answered: it bounds them, finds them, and waits for them. */
final class RequestsInFlight {
    private final Admission admission;
    /** Guarded by this, as is closed. */
    private final Set<Ticket> out = new HashSet<>();

    private boolean closed;

    RequestsInFlight(int most, LaneClock clock) {
        admission = new Admission(most, clock);
    }

    /**
     * Lets a request in; blocks while as many as may be are out.
     *
     * @throws InterruptedException if interrupted while blocked; the request is not in
     * @throws RejectedExecutionException once closed
     */
    Ticket enter(RequestId id, Optional<Instant> deadline) throws InterruptedException {
        Ticket ticket = admission.enter(id, deadline);
        synchronized (this) {
            if (!closed) {
                out.add(ticket);
                return ticket;
            }
        }
        ticket.close();
        throw refusal();
    }

    /** The request is answered and holds nothing any more. */
    void leave(Ticket ticket) {
        ticket.close();
        synchronized (this) {
            out.remove(ticket);
            notifyAll();
        }
    }

    /** Ends those of an id at their next turn. */
    void cancel(RequestId id) {
        List<Ticket> those;
        synchronized (this) {
            those = out.stream().filter(ticket -> ticket.id().equals(id)).toList();
        }
        those.forEach(Ticket::cancel);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    int inFlight() {
        return admission.inFlight();
    }

    RejectedExecutionException refusal() {
        return new RejectedExecutionException("the engine is closed and takes no request");
    }

    /** Refuses who comes, ends those that wait at their next turn, and returns when the last has left. */
    void close() {
        admission.close();
        List<Ticket> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(out);
        }
        all.forEach(Ticket::cancel);
        awaitNone();
    }

    /** Deaf to interrupts: what a request holds, or runs on, must not be freed under it. */
    private synchronized void awaitNone() {
        boolean interrupted = false;
        while (!out.isEmpty()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
