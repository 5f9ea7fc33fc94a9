package io.zoetrope.lane;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** A stage on a lane: where its requests are handed in. Safe for many threads. */
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
     * Hands a request in; never blocks. What the request holds must stay valid until the stage is complete.
     *
     * @param ticket of the request's way through all stages
     * @return its answer, as {@link Lane} says; of a closed lane or a cancelled ticket, failed at once
     */
    public CompletionStage<Served<O>> submit(I request, Ticket ticket) {
        Pending<I, O> pending = new Pending<>(request, ticket, bucket(request), queue, clock.nanoTime());
        ticket.waits(pending);
        queue.put(pending);
        return pending.answer();
    }

    /**
     * Prepares the bucket of a request, before those that wait: measures its batch sizes if that is wanted and was not
     * done, else runs the request once. The answers are dropped, and closed if they can be.
     *
     * @param sample must stay valid until the stage is complete
     * @param ticket whose cancellation ends it: at once while it waits, else when the present run is over
     * @return failed with what the stage threw, or if the ticket is cancelled or the lane closed
     */
    public CompletionStage<Void> warm(I sample, Ticket ticket) {
        WarmUp<I, O> warmUp = new WarmUp<>(bucket(sample), sample, ticket, queue, new CompletableFuture<>());
        ticket.waits(warmUp);
        queue.put(warmUp);
        return warmUp.done().minimalCompletionStage();
    }

    /** The same for what several may wait for, so that none of them cancels it. */
    public CompletionStage<Void> warm(I sample) {
        return warm(sample, new Ticket(spec.name(), clock.instant(), Optional.empty(), () -> {}));
    }

    /** When the lane would be done with a request that had its batch to itself, by what its runs have taken so far. */
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
