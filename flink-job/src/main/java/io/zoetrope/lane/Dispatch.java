package io.zoetrope.lane;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One stage on several lanes. Each request goes to the lane that is expected to finish it first, judged by the
 * durations of the lanes' past runs.
 *
 * <p>If the lane's next batch has room, the estimate ignores that a run takes longer with more requests. Equal devices
 * then perform as with one shared queue, from which each idle device takes the oldest request. Counting the longer run
 * was tried in simulation: each request then moves to a batch without others. This shortens the mean latency of stages
 * that gain little from batches, but lengthens it by up to 5% for stages that gain much, and by up to 11% at a load of
 * 0.95.
 */
public final class Dispatch<I, O> {
    private final List<LanePort<I, O>> ports;

    /**
     * Creates a dispatch over the ports of a stage.
     *
     * @param ports one port per lane, at least one
     * @throws IllegalArgumentException if there is no port
     */
    public Dispatch(List<LanePort<I, O>> ports) {
        if (ports.isEmpty()) {
            throw new IllegalArgumentException("dispatch: expected the port of at least one lane, got none");
        }
        this.ports = List.copyOf(ports);
    }

    /**
     * {@linkplain LanePort#submit Submits} a request to the lane that is expected to finish it first. Never blocks. If
     * the lane is taken out of use before it serves the request, the request moves to another one.
     *
     * @return fails with a {@link LaneOutException} if all lanes are out of use
     */
    public CompletionStage<Served<O>> submit(I request, Ticket ticket) {
        return choose(request, ticket)
                .submit(request, ticket)
                .exceptionallyCompose(fault ->
                        isLaneOut(fault) && !isOut() ? submit(request, ticket) : CompletableFuture.failedFuture(fault));
    }

    private static boolean isLaneOut(Throwable fault) {
        return fault instanceof LaneOutException || fault.getCause() instanceof LaneOutException;
    }

    /** Returns whether all lanes are out of use. */
    public boolean isOut() {
        return ports.stream().allMatch(LanePort::isOut);
    }

    /**
     * {@linkplain LanePort#warm Warms up} all lanes in parallel, except those that are out of use. Completes when all
     * are done; fails if one fails, or if all lanes are out of use.
     */
    public CompletionStage<Void> warm(I sample, Ticket ticket) {
        return CompletableFuture.allOf(ports.stream()
                .filter(port -> !port.isOut() || isOut())
                .map(port -> port.warm(sample, ticket).toCompletableFuture())
                .toArray(CompletableFuture[]::new));
    }

    /**
     * {@linkplain LanePort#warm(Object) Warms up} one lane in use. If it is taken out of use before its turn, the
     * warm-up moves to another one.
     *
     * @return fails with a {@link LaneOutException} if all lanes are out of use
     */
    public CompletionStage<Void> warmOne(I sample) {
        LanePort<I, O> first =
                ports.stream().filter(port -> !port.isOut()).findFirst().orElse(ports.get(0));
        return first.warm(sample)
                .exceptionallyCompose(fault ->
                        isLaneOut(fault) && !isOut() ? warmOne(sample) : CompletableFuture.failedFuture(fault));
    }

    /** Returns the best lane in use; any lane if all are out of use. */
    private LanePort<I, O> choose(I request, Ticket ticket) {
        LanePort<I, O> best = ports.get(0);
        if (ports.size() == 1) {
            return best;
        }
        double soonest = Double.MAX_VALUE;
        for (LanePort<I, O> port : ports) {
            double nanos = port.isOut() ? Double.MAX_VALUE : port.nanosUntilDoneAlone(request, ticket);
            if (nanos < soonest) {
                soonest = nanos;
                best = port;
            }
        }
        return best;
    }
}
