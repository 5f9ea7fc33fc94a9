package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** A request at a lane, and the one place where its answer is given: by whoever took it from the queue. */
final class Pending<I, O> {
    /** The request that arrived first, at whatever stage, goes first. */
    static final Comparator<Pending<?, ?>> AGE = (a, b) -> {
        int order = a.ticket.arrivedAt().compareTo(b.ticket.arrivedAt());
        return order != 0 ? order : Long.compare(a.sequence, b.sequence);
    };

    /** Of those that have one. */
    static final Comparator<Pending<?, ?>> DEADLINE = (a, b) -> {
        int order = a.ticket
                .deadline()
                .orElse(Instant.MAX)
                .compareTo(b.ticket.deadline().orElse(Instant.MAX));
        return order != 0 ? order : AGE.compare(a, b);
    };

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

    Ticket ticket() {
        return ticket;
    }

    Bucket<I, O> bucket() {
        return bucket;
    }

    long queuedNanos() {
        return queuedNanos;
    }

    void number(long position) {
        sequence = position;
    }

    /** A view that only the lane can complete. */
    CompletionStage<Served<O>> answer() {
        return answer.minimalCompletionStage();
    }

    /** Whether it was still there. The queue's lock is held. */
    boolean leaveBucket() {
        return bucket.remove(this);
    }

    /** Ends the wait, if it still waits. */
    void cancel() {
        if (queue.remove(this)) {
            failCancelled();
        }
    }

    void succeed(O value, long startNanos, long endNanos, int batchSize) {
        once(answer.complete(new Served<>(
                value,
                Duration.ofNanos(startNanos - queuedNanos),
                Duration.ofNanos(endNanos - startNanos),
                batchSize)));
    }

    void failCancelled() {
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

    void fail(Throwable fault) {
        once(answer.completeExceptionally(fault));
    }

    private void once(boolean first) {
        if (!first) {
            throw new IllegalStateException("the lane answered a request twice: " + request);
        }
    }
}
