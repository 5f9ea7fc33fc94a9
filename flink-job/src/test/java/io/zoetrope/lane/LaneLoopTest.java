package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lane's thread, driven by hand: every turn is the test's. */
@SuppressWarnings("FutureReturnValueIgnored") // the promises watch every answer
class LaneLoopTest {
    private final TestClock clock = new TestClock();
    private final LanePromises promises = new LanePromises();
    private final LaneQueue queue = new LaneQueue(clock);
    private final List<List<Integer>> batches = new ArrayList<>();
    private final List<LaneRun> runs = new ArrayList<>();
    private final LaneLoop loop = new LaneLoop("test", queue, clock, new LaneObserver() {
        @Override
        public void ran(LaneRun run) {
            runs.add(run);
        }
    });
    private Stage<Request, String> device =
            batch -> batch.stream().map(Request::answer).toList();
    private LanePort<Request, String> port = host(Duration.ZERO);

    private LanePort<Request, String> host(Duration maxWait) {
        Stage<Request, String> stage = batch -> {
            batches.add(batch.stream().map(Request::id).toList());
            return device.run(batch);
        };
        return new LanePort<>(
                promises.watch(new StageTerms<>("stage", stage, Request::bucket, new BatchSizes.Fixed(3), maxWait)),
                queue,
                clock);
    }

    @AfterEach
    void everyPromiseIsKept() {
        queue.close();
        assertThat(promises.broken()).isEmpty();
    }

    @Test
    void singleRequestRunsAtOnce() {
        var answer = submit(1, "a");
        loop.turn();
        assertThat(answer).isCompletedWithValue(new Served<>("stage's answer to 1", Duration.ZERO, Duration.ZERO, 1));
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
        assertThat(first)
                .isCompletedWithValue(new Served<>("stage's answer to 1", Duration.ofMillis(42), Duration.ZERO, 2));
        assertThat(second)
                .isCompletedWithValue(new Served<>("stage's answer to 2", Duration.ofMillis(12), Duration.ZERO, 2));
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
    void wrongCountIsTriedInHalvesAndNeverGuessed(int count) {
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
        device = batch -> batch.size() == 2 ? Arrays.asList("stage's answer to 1", null) : null;
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

    @Test
    void earliestDeadlineGoesFirstButTheOldestIsAlwaysIn() {
        Instant now = clock.instant();
        submit(1, "a");
        submit(2, "a");
        submit(3, "a", now.plusSeconds(9));
        submit(4, "a", now.plusSeconds(5));
        submit(5, "a", now.plusSeconds(7));
        loop.turn();
        loop.turn();
        assertThat(batches).containsExactly(List.of(1, 4, 5), List.of(2, 3));
    }

    @Test
    void laterStageOfAnOlderRequestGoesFirst() {
        LanePort<Request, String> second = new LanePort<>(
                promises.watch(new StageTerms<>(
                        "second",
                        batch -> {
                            batches.add(List.of(-1));
                            return batch.stream().map(Request::answer).toList();
                        },
                        Request::bucket,
                        new BatchSizes.Fixed(1),
                        Duration.ZERO)),
                queue,
                clock);
        Ticket old = ticket(Instant.MAX);
        clock.advance(Duration.ofMillis(1));
        submit(1, "a");
        Request late = new Request(2, "second", "a");
        promises.submitted(late, second.submit(late, old));
        loop.turn();
        loop.turn();
        assertThat(batches).containsExactly(List.of(-1), List.of(1));
    }

    @Test
    void batchThatIsNotFullWaitsForItsMaxWaitAndNoLonger() {
        port = host(Duration.ofMillis(10));
        submit(1, "a");
        clock.advance(Duration.ofMillis(4));
        submit(2, "a");
        loop.turn();
        assertThat(batches).isEmpty();
        assertThat(queue.nanosUntilTurn()).isEqualTo(Duration.ofMillis(6).toNanos());
        clock.advance(Duration.ofMillis(6));
        loop.turn();
        assertThat(batches).containsExactly(List.of(1, 2));
    }

    @Test
    void fullBatchRunsWithoutWaiting() {
        port = host(Duration.ofMillis(10));
        submit(1, "a");
        submit(2, "a");
        submit(3, "a");
        loop.turn();
        assertThat(batches).containsExactly(List.of(1, 2, 3));
    }

    @Test
    void waitForCompanyNeverMissesADeadline() {
        port = host(Duration.ofMillis(10));
        submit(1, "a", clock.instant().plusMillis(9));
        loop.turn();
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void whoLeavesWhileWaitingDoesNotShortenTheWaitOfOthers() {
        port = host(Duration.ofMillis(10));
        Ticket leaving = ticket(Instant.MAX);
        submit(1, "a", leaving);
        clock.advance(Duration.ofMillis(4));
        submit(2, "a");
        leaving.cancel();
        assertThat(queue.nanosUntilTurn()).isEqualTo(Duration.ofMillis(10).toNanos());
    }

    @Test
    void cancelledTicketLeavesWhereverItWaitsAndIsRefusedLater() {
        Ticket ticket = ticket(Instant.MAX);
        var waiting = submit(1, "a", ticket);
        ticket.cancel();
        assertThat(waiting).isCompletedExceptionally();
        assertThat(submit(2, "a", ticket)).isCompletedExceptionally();
        loop.turn();
        assertThat(batches).isEmpty();
    }

    @Test
    void whoIsCancelledWhileItsBatchFailsIsNotRunAgain() {
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
    void guiltyIsFoundByHalving() {
        LanePort<Request, String> wide = new LanePort<>(
                promises.watch(new StageTerms<>(
                        "stage",
                        batch -> {
                            batches.add(batch.stream().map(Request::id).toList());
                            return device.run(batch);
                        },
                        Request::bucket,
                        new BatchSizes.Fixed(8),
                        Duration.ZERO)),
                queue,
                clock);
        port = wide;
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
    void runIsToldWithItsTimesBeforeItsAnswers() {
        device = batch -> {
            clock.advance(Duration.ofMillis(5));
            return batch.stream().map(Request::answer).toList();
        };
        submit(1, "a");
        clock.advance(Duration.ofMillis(2));
        var answer = submit(2, "a");
        loop.turn();
        assertThat(runs)
                .containsExactly(
                        new LaneRun("test", "stage", "a", 2, 2_000_000, 7_000_000, Duration.ofMillis(2), false));
        assertThat(answer.join().ran()).isEqualTo(Duration.ofMillis(5));
        assertThat(port.finishTime(new Request(3, "a"))).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void warmUpGoesFirstAndClosesWhatItIsAnswered() {
        AtomicInteger closed = new AtomicInteger();
        LanePort<Integer, AutoCloseable> other = new LanePort<>(
                new StageTerms<>(
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

    private CompletableFuture<Served<String>> submit(int id, String bucket) {
        return submit(id, bucket, Instant.MAX);
    }

    private CompletableFuture<Served<String>> submit(int id, String bucket, Instant deadline) {
        return submit(id, bucket, ticket(deadline));
    }

    private CompletableFuture<Served<String>> submit(int id, String bucket, Ticket ticket) {
        Request request = new Request(id, bucket);
        var answer = port.submit(request, ticket);
        promises.submitted(request, answer);
        return answer.toCompletableFuture();
    }

    private Ticket ticket(Instant deadline) {
        return new Ticket(
                "ticket",
                clock.instant(),
                deadline.equals(Instant.MAX) ? Optional.empty() : Optional.of(deadline),
                () -> {});
    }
}
