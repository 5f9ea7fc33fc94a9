package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A request on its way through the lane, and the one place where its answer is given. */
final class Pending<I, O> {
    private final I request;
    private final Object bucket;
    private final Optional<Instant> deadline;
    private final Instant submittedAt;
    private final CompletableFuture<Served<O>> answer = new CompletableFuture<>();

    Pending(I request, Object bucket, Optional<Instant> deadline, Instant submittedAt) {
        this.request = request;
        this.bucket = bucket;
        this.deadline = deadline;
        this.submittedAt = submittedAt;
    }

    I request() {
        return request;
    }

    Object bucket() {
        return bucket;
    }

    /** A view that only the lane can complete. */
    CompletionStage<Served<O>> answer() {
        return answer.minimalCompletionStage();
    }

    boolean expired(Instant now) {
        return deadline.isPresent() && !deadline.get().isAfter(now);
    }

    void succeed(O value, Instant startedAt, int batchSize) {
        once(answer.complete(new Served<>(value, Duration.between(submittedAt, startedAt), batchSize)));
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
