package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lane's thread, driven by hand: every turn is the test's. */
@SuppressWarnings("FutureReturnValueIgnored") // the promises watch every answer
class LaneLoopTest {
    private final TestClock clock = new TestClock();
    private final LanePromises promises = new LanePromises(3);
    private final RequestQueue<Request, String> queue = new RequestQueue<>(100);
    private final List<List<Integer>> batches = new ArrayList<>();
    private Stage<Request, String> device =
            batch -> batch.stream().map(Request::answer).toList();
    private final LaneLoop<Request, String> loop = new LaneLoop<>(
            queue,
            3,
            promises.watch(batch -> {
                batches.add(batch.stream().map(Request::id).toList());
                return device.run(batch);
            }),
            clock);

    @AfterEach
    void everyPromiseIsKept() {
        queue.close().forEach(pending -> pending.fail(queue.closed()));
        assertThat(promises.broken()).isEmpty();
    }

    @Test
    void singleRequestRunsAtOnce() {
        var answer = submit(1, "a");
        loop.turn();
        assertThat(answer).isCompletedWithValue(new Served<>("answer to 1", Duration.ZERO, 1));
    }

    @Test
    void whatWaitsSharesABatchUpToTheMaximum() {
        submit(1, "a");
        submit(2, "a");
        submit(3, "a");
        submit(4, "a");
        loop.turn();
        loop.turn();
        assertThat(batches).containsExactly(List.of(1, 2, 3), List.of(4));
    }

    @Test
    void bucketsTakeTurnsByTheirOldestRequest() {
        submit(1, "a");
        submit(2, "b");
        submit(3, "a");
        submit(4, "c");
        submit(5, "b");
        for (int i = 0; i < 3; i++) {
            loop.turn();
        }
        assertThat(batches).containsExactly(List.of(1, 3), List.of(2, 5), List.of(4));
    }

    @Test
    void turnWithoutWorkRunsNothing() {
        loop.turn();
        assertThat(batches).isEmpty();
    }

    @Test
    void waitAndBatchSizeAreReported() {
        var first = submit(1, "a");
        clock.advance(Duration.ofMillis(30));
        var second = submit(2, "a");
        clock.advance(Duration.ofMillis(12));
        loop.turn();
        assertThat(first).isCompletedWithValue(new Served<>("answer to 1", Duration.ofMillis(42), 2));
        assertThat(second).isCompletedWithValue(new Served<>("answer to 2", Duration.ofMillis(12), 2));
    }

    @Test
    void expiredRequestsLeaveBeforeTheDevice() {
        Instant deadline = clock.instant().plusSeconds(1);
        var expired = submit(1, "a", deadline);
        var alive = submit(2, "a", deadline.plusNanos(1));
        clock.advance(Duration.ofSeconds(1));
        loop.turn();

        assertThat(batches).containsExactly(List.of(2));
        assertThat(alive).isCompleted();
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(expired::join)
                .withCauseInstanceOf(TimeoutException.class)
                .withMessageContaining("deadline");
    }

    @Test
    void turnOfNothingButExpiredRequestsRunsNothing() {
        var expired = submit(1, "a", clock.instant());
        loop.turn();
        assertThat(batches).isEmpty();
        assertThat(expired).isCompletedExceptionally();
    }

    @Test
    void onlyTheGuiltyOfABatchFails() {
        device = batch -> {
            if (batch.stream().anyMatch(request -> request.id() == 2)) {
                throw new IllegalArgumentException("2 is poison");
            }
            return batch.stream().map(Request::answer).toList();
        };
        var first = submit(1, "a");
        var poison = submit(2, "a");
        var third = submit(3, "a");
        loop.turn();

        assertThat(batches).containsExactly(List.of(1, 2, 3), List.of(1), List.of(2), List.of(3));
        assertThat(first).isCompletedWithValue(new Served<>("answer to 1", Duration.ZERO, 1));
        assertThat(third).isCompletedWithValue(new Served<>("answer to 3", Duration.ZERO, 1));
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(poison::join)
                .havingCause()
                .isInstanceOf(IllegalArgumentException.class)
                .withMessage("2 is poison");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void wrongCountIsTriedOneByOneAndNeverGuessed(int count) {
        device = batch -> batch.size() == 2
                ? Arrays.asList("x", "y", "z").subList(0, count)
                : batch.stream().map(Request::answer).toList();
        var first = submit(1, "a");
        var second = submit(2, "a");
        loop.turn();

        assertThat(first).isCompletedWithValue(new Served<>("answer to 1", Duration.ZERO, 1));
        assertThat(second).isCompletedWithValue(new Served<>("answer to 2", Duration.ZERO, 1));
    }

    @Test
    void stageThatAlwaysMiscountsFailsEachRequestWithTheNumbers() {
        device = batch -> List.of();
        var answer = submit(1, "a");
        loop.turn();
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(answer::join)
                .havingCause()
                .isInstanceOf(IllegalStateException.class)
                .withMessageContaining("expected one result for each request, 1, got 0");
    }

    @Test
    @SuppressWarnings("NullAway") // the planted fault
    void nullInsteadOfAResultIsAFault() {
        var first = submit(1, "a");
        var second = submit(2, "a");
        device = batch -> batch.size() == 2 ? Arrays.asList("answer to 1", null) : null;
        loop.turn();
        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
    }

    @Test
    void loopOutlivesAnError() {
        device = batch -> {
            throw new StackOverflowError("planted");
        };
        var unlucky = submit(1, "a");
        loop.turn();
        device = batch -> batch.stream().map(Request::answer).toList();
        var next = submit(2, "a");
        loop.turn();

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(unlucky::join)
                .withCauseInstanceOf(StackOverflowError.class);
        assertThat(next).isCompleted();
    }

    @Test
    void interruptThatABatchLeavesBehindIsNotTheNextOnes() {
        List<Boolean> seen = new ArrayList<>();
        device = batch -> {
            seen.add(Thread.currentThread().isInterrupted());
            Thread.currentThread().interrupt();
            return batch.stream().map(Request::answer).toList();
        };
        submit(1, "a");
        submit(2, "b");
        loop.turn();
        loop.turn();
        assertThat(seen).containsExactly(false, false);
        assertThat(Thread.interrupted()).isTrue(); // clears it for the test that follows
    }

    private CompletableFuture<Served<String>> submit(int id, String bucket) {
        return submit(id, bucket, Instant.MAX);
    }

    private CompletableFuture<Served<String>> submit(int id, String bucket, Instant deadline) {
        Request request = new Request(id, bucket);
        Pending<Request, String> pending = new Pending<>(request, bucket, Optional.of(deadline), clock.instant());
        promises.submitted(request, pending.answer());
        try {
            queue.put(pending);
        } catch (InterruptedException e) {
            throw new AssertionError("the queue has room", e);
        }
        return pending.answer().toCompletableFuture();
    }
}
