package io.zoetrope.lane;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Accepts the requests of one stage on a lane. Safe for use by many threads. */
public final class LanePort<I, O> {
    private final StageSpec<I, O> spec;
    private final LaneQueue queue;
    private final LaneClock clock;
    private final ConcurrentMap<Object, Bucket<I, O>> buckets = new ConcurrentHashMap<>();

    LanePort(StageSpec<I, O> spec, LaneQueue queue, LaneClock clock) {
        this.spec = spec;
        this.queue = queue;
        this.clock = clock;
    }

    /**
     * Submits a request; never blocks. The memory that the request refers to must stay valid until the returned stage
     * completes.
     *
     * @param ticket the ticket of the request, the same at all stages
     * @return the result or a failure, as {@link Lane} describes; fails at once if the lane is closed or the ticket
     *     cancelled
     */
    public CompletionStage<Served<O>> submit(I request, Ticket ticket) {
        Pending<I, O> pending = new Pending<>(request, ticket, bucket(request), queue, clock.nanoTime());
        ticket.add(pending);
        queue.put(pending);
        return pending.answer();
    }

    /**
     * Warms up the bucket of a request, before all waiting requests. If the stage has measured batch sizes, measures
     * the size of the bucket unless it is measured already; if the stage has a fixed size, runs the request once.
     * Results are dropped, and closed if they are AutoCloseable.
     *
     * @param sample the request; must stay valid until the returned stage completes
     * @param ticket a ticket whose cancellation ends the warm-up: at once while it waits, otherwise after the current
     *     run
     * @return fails with the exception of the stage, or if the ticket is cancelled or the lane closed
     */
    public CompletionStage<Void> warm(I sample, Ticket ticket) {
        WarmUp<I, O> warmUp = new WarmUp<>(bucket(sample), sample, ticket, queue, new CompletableFuture<>());
        ticket.add(warmUp);
        queue.put(warmUp);
        return warmUp.done().minimalCompletionStage();
    }

    /** Warms up without a ticket, for a warm-up that several callers wait for and that none of them may cancel. */
    public CompletionStage<Void> warm(I sample) {
        return warm(sample, new Ticket(spec.name(), clock.instant(), Optional.empty(), () -> {}));
    }

    /** Returns whether the lane is taken out of use. */
    boolean isOut() {
        return queue.refusal().filter(LaneOutException.class::isInstance).isPresent();
    }

    /**
     * Estimates how long until the lane has finished a request that runs alone, from the durations of past runs.
     */
    double nanosUntilDoneAlone(I request, Ticket ticket) {
        return queue.nanosUntilDoneAlone(bucket(request), ticket.due(), clock);
    }

    private Bucket<I, O> bucket(I request) {
        Object key = spec.bucket().apply(request);
        Bucket<I, O> bucket = buckets.get(key);
        return bucket != null ? bucket : buckets.computeIfAbsent(key, this::open);
    }

    private Bucket<I, O> open(Object key) {
        Bucket<I, O> bucket = new Bucket<>(spec, key);
        queue.open(bucket);
        return bucket;
    }
}
