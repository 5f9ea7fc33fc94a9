package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** A request that is submitted to a lane. Only the thread that removed it from the queue completes it. */
final class Pending<I, O> implements Waiter {
    /** The order of turns over all stages: by due time, then by arrival, then by submission. */
    static final Comparator<Pending<?, ?>> TURN = Comparator.<Pending<?, ?>, Instant>comparing(
                    pending -> pending.ticket.due())
            .thenComparing(pending -> pending.ticket.arrivedAt())
            .thenComparingLong(pending -> pending.sequence);

    /** The order in which requests expire. */
    static final Comparator<Pending<?, ?>> DEADLINE = Comparator.<Pending<?, ?>, Instant>comparing(
                    pending -> pending.ticket.deadline().orElse(Instant.MAX))
            .thenComparing(TURN);

    private final I request;
    private final Ticket ticket;
    private final Bucket<I, O> bucket;
    private final LaneQueue queue;
    private final long queuedNanos;
    private final CompletableFuture<Served<O>> answer = new CompletableFuture<>();
    /**
     * The position in the order of submission, set when the queue accepts the request. The value before that must
     * differ from the positions of all waiting requests, because buckets compare requests by it: otherwise a removal of
     * this request could remove another one.
     */
    private long sequence = -1;

    Pending(I request, Ticket ticket, Bucket<I, O> bucket, LaneQueue queue, long queuedNanos) {
        this.request = request;
        this.ticket = ticket;
        this.bucket = bucket;
        this.queue = queue;
        this.queuedNanos = queuedNanos;
    }

    I request() {
        return request;
    }

    @Override
    public Ticket ticket() {
        return ticket;
    }

    Bucket<I, O> bucket() {
        return bucket;
    }

    @Override
    public LaneQueue queue() {
        return queue;
    }

    long queuedNanos() {
        return queuedNanos;
    }

    /** Adds this to its bucket, with a position after all waiting requests. The queue's lock is held. */
    void enterBucket(long position) {
        sequence = position;
        bucket.add(this);
    }

    /** Returns a view that only the lane can complete. */
    CompletionStage<Served<O>> answer() {
        return answer.minimalCompletionStage();
    }

    /** Removes this from its bucket; returns whether it still waited there. The queue's lock is held. */
    boolean leaveBucket() {
        return bucket.remove(this);
    }

    void succeed(O value, long startNanos, long endNanos, int batchSize) {
        requireFirst(answer.complete(new Served<>(
                value,
                Duration.ofNanos(startNanos - queuedNanos),
                Duration.ofNanos(endNanos - startNanos),
                batchSize)));
    }

    @Override
    public void failCancelled() {
        fail(new CancellationException("the request was cancelled before its run began"));
    }

    void failExpired() {
        fail(new TimeoutException("the request's deadline, "
                + ticket.deadline().map(Instant::toString).orElse("none") + ", passed before its run began"));
    }

    /** Fails the request unless it is completed. */
    void abandon(Throwable fault) {
        answer.completeExceptionally(fault);
    }

    @Override
    public void fail(Throwable fault) {
        requireFirst(answer.completeExceptionally(fault));
    }

    private void requireFirst(boolean firstCompletion) {
        if (!firstCompletion) {
            throw new IllegalStateException("the lane completed a request twice: " + request);
        }
    }
}
