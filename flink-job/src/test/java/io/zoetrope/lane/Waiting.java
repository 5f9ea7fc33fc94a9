package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/** A waiting request, as {@link TurnPromises} records it. */
record Waiting(Request request, Ticket ticket, WaitingBucket bucket, long queuedNanos, int sequence) {
    /** The order of due times: the deadline, or one minute after the arrival if that is earlier; then by arrival. */
    static final Comparator<Waiting> TURN = (a, b) -> {
        int order = a.due().compareTo(b.due());
        if (order == 0) {
            order = a.ticket.arrivedAt().compareTo(b.ticket.arrivedAt());
        }
        return order != 0 ? order : Integer.compare(a.sequence, b.sequence);
    };

    private Instant due() {
        Instant aged = ticket.arrivedAt().plus(Duration.ofMinutes(1));
        Instant deadline = ticket.deadline().orElse(Instant.MAX);
        return deadline.isBefore(aged) ? deadline : aged;
    }

    /** Returns whether it arrived so long before the other that no deadline lets the other run first. */
    boolean outwaited(Waiting other) {
        return !ticket.arrivedAt().plus(Duration.ofMinutes(1)).isAfter(other.ticket.arrivedAt());
    }
}
