package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("FutureReturnValueIgnored") // LanePromises checks every answer
class LaneLoopTest extends LaneByHand {
    @Test
    void singleRequestRunsAtOnce() {
        var answer = submit(1, "a");
        loop.turn();
        assertThat(answer).isCompletedWithValue(new Served<>("stage's answer to 1", Duration.ZERO, Duration.ZERO, 1));
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
        assertThat(first)
                .isCompletedWithValue(new Served<>("stage's answer to 1", Duration.ofMillis(42), Duration.ZERO, 2));
        assertThat(second)
                .isCompletedWithValue(new Served<>("stage's answer to 2", Duration.ofMillis(12), Duration.ZERO, 2));
    }

    @Test
    void onlyTheFailingRequestOfABatchFails() {
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

        assertThat(batches).containsExactly(List.of(1, 2, 3), List.of(1), List.of(2, 3), List.of(2), List.of(3));
        assertThat(first).isCompletedWithValue(new Served<>("stage's answer to 1", Duration.ZERO, Duration.ZERO, 1));
        assertThat(third).isCompletedWithValue(new Served<>("stage's answer to 3", Duration.ZERO, Duration.ZERO, 1));
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(poison::join)
                .havingCause()
                .isInstanceOf(IllegalArgumentException.class)
                .withMessage("2 is poison");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void batchWithAWrongResultCountRunsAgainInHalves(int count) {
        device = batch -> batch.size() == 2
                ? Arrays.asList("x", "y", "z").subList(0, count)
                : batch.stream().map(Request::answer).toList();
        var first = submit(1, "a");
        var second = submit(2, "a");
        loop.turn();

        assertThat(first).isCompletedWithValue(new Served<>("stage's answer to 1", Duration.ZERO, Duration.ZERO, 1));
        assertThat(second).isCompletedWithValue(new Served<>("stage's answer to 2", Duration.ZERO, Duration.ZERO, 1));
    }

    @Test
    void stageWithWrongResultCountsFailsEachRequestWithTheCounts() {
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
        device = batch -> batch.size() == 2 ? Arrays.asList("stage's answer to 1", null) : null;
        loop.turn();
        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
    }

    @Test
    void loopSurvivesAnError() {
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
    void interruptThatABatchLeavesBehindIsCleared() {
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

    @Test
    void cancelledTicketFailsWaitingAndLaterRequests() {
        Ticket ticket = ticket(Instant.MAX);
        var waiting = submit(1, "a", ticket);
        ticket.cancel();
        assertThat(waiting).isCompletedExceptionally();
        assertThat(submit(2, "a", ticket)).isCompletedExceptionally();
        loop.turn();
        assertThat(batches).isEmpty();
    }

    @Test
    void requestCancelledWhileItsBatchFailsIsNotRunAgain() {
        Ticket ticket = ticket(Instant.MAX);
        device = batch -> {
            ticket.cancel();
            throw new IllegalStateException("planted");
        };
        submit(1, "a");
        var cancelled = submit(2, "a", ticket);
        loop.turn();
        assertThat(batches).containsExactly(List.of(1, 2), List.of(1));
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(cancelled::join)
                .withCauseInstanceOf(CancellationException.class);
    }

    @Test
    void failingRequestIsFoundByHalving() {
        port = host(8, Duration.ZERO);
        device = batch -> {
            if (batch.stream().anyMatch(request -> request.id() == 5)) {
                throw new IllegalArgumentException("5 is poison");
            }
            return batch.stream().map(Request::answer).toList();
        };
        List<CompletableFuture<Served<String>>> answers = new ArrayList<>();
        for (int id = 0; id < 8; id++) {
            answers.add(submit(id, "a"));
        }
        loop.turn();
        assertThat(batches)
                .containsExactly(
                        List.of(0, 1, 2, 3, 4, 5, 6, 7),
                        List.of(0, 1, 2, 3),
                        List.of(4, 5, 6, 7),
                        List.of(4, 5),
                        List.of(4),
                        List.of(5),
                        List.of(6, 7));
        assertThat(answers)
                .filteredOn(CompletableFuture::isCompletedExceptionally)
                .hasSize(1);
    }

    @Test
    void runIsObservedWithItsTimesBeforeItsResults() {
        device = batch -> {
            clock.advance(Duration.ofMillis(5));
            return batch.stream().map(Request::answer).toList();
        };
        submit(1, "a");
        clock.advance(Duration.ofMillis(2));
        var answer = submit(2, "a");
        loop.turn();
        assertThat(runs).containsExactly(new LaneRun("test", "stage", "a", 2, 2_000_000, 7_000_000, false));
        assertThat(answer.join().ran()).isEqualTo(Duration.ofMillis(5));
        assertThat(port.nanosUntilDoneAlone(new Request(3, "a"), ticket(Instant.MAX)))
                .isEqualTo(5_000_000);
    }

    @Test
    void warmUpRunsFirstAndItsResultsAreClosed() {
        AtomicInteger closed = new AtomicInteger();
        LanePort<Integer, AutoCloseable> other = new LanePort<>(
                new StageSpec<>(
                        "other",
                        batch -> List.of(closed::incrementAndGet),
                        one -> "all",
                        new BatchSizes.Fixed(1),
                        Duration.ZERO),
                queue,
                clock);
        submit(1, "a");
        var done = other.warm(0).toCompletableFuture();
        loop.turn();
        assertThat(batches).isEmpty();
        assertThat(done).isCompleted();
        assertThat(closed).hasValue(1);
        loop.turn();
        assertThat(batches).containsExactly(List.of(1));
    }
}
