package io.zoetrope.lane;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The same stage on several devices: a request goes to the lane that would finish it first. */
public final class Dispatch<I, O> {
    private final List<LanePort<I, O>> ports;

    /**
     * Joins ports.
     *
     * @param ports of one stage, one for each lane, at least one
     * @throws IllegalArgumentException if there is none
     */
    public Dispatch(List<LanePort<I, O>> ports) {
        if (ports.isEmpty()) {
            throw new IllegalArgumentException("dispatch: expected the port of at least one lane, got none");
        }
        this.ports = List.copyOf(ports);
    }

    /** Hands a request to the lane that would finish it first, as {@link LanePort#submit} does; never blocks. */
    public CompletionStage<Served<O>> submit(I request, Ticket ticket) {
        return choose(request, ticket).submit(request, ticket);
    }

    /** {@linkplain LanePort#warm Warms} all lanes, side by side; failed if one fails, once all are done. */
    public CompletionStage<Void> warm(I sample) {
        return CompletableFuture.allOf(ports.stream()
                .map(port -> port.warm(sample).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    private LanePort<I, O> choose(I request, Ticket ticket) {
        LanePort<I, O> best = ports.get(0);
        if (ports.size() == 1) {
            return best;
        }
        double soonest = Double.MAX_VALUE;
        for (LanePort<I, O> port : ports) {
            double nanos = port.nanosUntilDone(
                    request, ticket.arrivedAt(), port.clock().nanoTime());
            if (nanos < soonest) {
                soonest = nanos;
                best = port;
            }
        }
        return best;
    }
}
