package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** A request at a lane, and the one place where its answer is given: by whoever took it from the queue. */
final class Pending<I, O> implements Waiter {
    /** The request that is due first, at whatever stage, goes first; of two that are due together, the older. */
    static final Comparator<Pending<?, ?>> TURN = Comparator.<Pending<?, ?>, Instant>comparing(
                    pending -> pending.ticket.due())
            .thenComparing(pending -> pending.ticket.arrivedAt())
            .thenComparingLong(pending -> pending.sequence);

    /** Of those that have one. */
    static final Comparator<Pending<?, ?>> DEADLINE = Comparator.<Pending<?, ?>, Instant>comparing(
                    pending -> pending.ticket.deadline().orElse(Instant.MAX))
            .thenComparing(TURN);

    private final I request;
    private final Ticket ticket;
    private final Bucket<I, O> bucket;
    private final LaneQueue queue;
    private final long queuedNanos;
    private final CompletableFuture<Served<O>> answer = new CompletableFuture<>();
    /** Set by the queue as it lets it in; until then like no other, or it could be taken for one that waits. */
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

    /** Starts to wait, at a position behind all that wait already. The queue's lock is held. */
    void enterBucket(long position) {
        sequence = position;
        bucket.add(this);
    }

    /** A view that only the lane can complete. */
    CompletionStage<Served<O>> answer() {
        return answer.minimalCompletionStage();
    }

    /** Whether it was still there. The queue's lock is held. */
    boolean leaveBucket() {
        return bucket.remove(this);
    }

    void succeed(O value, long startNanos, long endNanos, int batchSize) {
        once(answer.complete(new Served<>(
                value,
                Duration.ofNanos(startNanos - queuedNanos),
                Duration.ofNanos(endNanos - startNanos),
                batchSize)));
    }

    @Override
    public void failCancelled() {
        fail(new CancellationException("the request was cancelled before the device took it"));
    }

    void failExpired() {
        fail(new TimeoutException("the request's deadline, "
                + ticket.deadline().map(Instant::toString).orElse("none") + ", passed before the device took it"));
    }

    /** Fails it unless it has its answer. */
    void abandon(Throwable fault) {
        answer.completeExceptionally(fault);
    }

    @Override
    public void fail(Throwable fault) {
        once(answer.completeExceptionally(fault));
    }

    private void once(boolean first) {
        if (!first) {
            throw new IllegalStateException("the lane answered a request twice: " + request);
        }
    }
}
