package io.zoetrope.lane;

import java.time.Instant;
import java.util.Comparator;

/** What {@link TurnPromises} knows of a request that waits. */
record Waiting(Request request, Ticket ticket, WaitingBucket bucket, long queuedNanos, int sequence) {
    static final Comparator<Waiting> AGE = (a, b) -> {
        int order = a.ticket.arrivedAt().compareTo(b.ticket.arrivedAt());
        return order != 0 ? order : Integer.compare(a.sequence, b.sequence);
    };

    /** Who has none comes last. */
    static final Comparator<Waiting> DEADLINE = (a, b) -> {
        int order = a.deadline().compareTo(b.deadline());
        return order != 0 ? order : AGE.compare(a, b);
    };

    private Instant deadline() {
        return ticket.deadline().orElse(Instant.MAX);
    }
}
