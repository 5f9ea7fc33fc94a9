package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;

/** What {@link TurnPromises} knows of a request that waits. */
record Waiting(Request request, Ticket ticket, WaitingBucket bucket, long queuedNanos, int sequence) {
    /** By the deadline, which is one minute after the arrival unless it is nearer; then by age. */
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

    /** Whether it came so long before the other that no deadline lets that one go first. */
    boolean outwaited(Waiting other) {
        return !ticket.arrivedAt().plus(Duration.ofMinutes(1)).isAfter(other.ticket.arrivedAt());
    }
}
