package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** Tests the order of turns, and when a batch starts. */
@SuppressWarnings("FutureReturnValueIgnored") // LanePromises checks every answer
class LaneOrderTest extends LaneByHand {
    @Test
    void waitingRequestsShareABatchUpToTheMaximum() {
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
    void expiredRequestsDoNotRun() {
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
    void turnOfOnlyExpiredRequestsRunsNothing() {
        var expired = submit(1, "a", clock.instant());
        loop.turn();
        assertThat(batches).isEmpty();
        assertThat(expired).isCompletedExceptionally();
    }

    @Test
    void earliestDeadlineGoesFirstThenTheOldest() {
        Instant now = clock.instant();
        submit(1, "a");
        submit(2, "a");
        submit(3, "a", now.plusSeconds(9));
        submit(4, "a", now.plusSeconds(5));
        submit(5, "a", now.plusSeconds(7));
        loop.turn();
        loop.turn();
        assertThat(batches).containsExactly(List.of(4, 5, 3), List.of(1, 2));
    }

    @Test
    void batchesOfOneGoByDeadlineToo() {
        port = host(1, Duration.ZERO);
        Instant now = clock.instant();
        submit(1, "a");
        submit(2, "a", now.plusSeconds(9));
        submit(3, "a", now.plusSeconds(5));
        for (int i = 0; i < 3; i++) {
            loop.turn();
        }
        assertThat(batches).containsExactly(List.of(3), List.of(2), List.of(1));
    }

    @Test
    void urgentRequestGoesBeforeOlderOnesOfOtherBuckets() {
        submit(1, "a");
        submit(2, "b", clock.instant().plusSeconds(5));
        loop.turn();
        loop.turn();
        assertThat(batches).containsExactly(List.of(2), List.of(1));
    }

    @Test
    void requestThatWaitedForAMinuteRunsBeforeLaterDeadlines() {
        port = host(1, Duration.ZERO);
        submit(1, "a");
        clock.advance(Duration.ofMinutes(1));
        submit(2, "a", clock.instant().plusNanos(1));
        submit(3, "b", clock.instant().plusNanos(2));
        for (int i = 0; i < 3; i++) {
            loop.turn();
        }
        assertThat(batches).containsExactly(List.of(1), List.of(2), List.of(3));
    }

    @Test
    void deadlineThatIsFarAwayCountsAsNone() {
        port = host(1, Duration.ZERO);
        submit(1, "a", clock.instant().plusSeconds(3600));
        clock.advance(Duration.ofMillis(1));
        submit(2, "a");
        submit(3, "a", clock.instant().plusSeconds(61));
        for (int i = 0; i < 3; i++) {
            loop.turn();
        }
        assertThat(batches).containsExactly(List.of(1), List.of(2), List.of(3));
    }

    @Test
    void laterStageOfAnOlderRequestGoesFirst() {
        LanePort<Request, String> second = new LanePort<>(
                promises.watch(new StageSpec<>(
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
    void waitForAFullBatchNeverMissesADeadline() {
        port = host(Duration.ofMillis(10));
        submit(1, "a", clock.instant().plusMillis(9));
        loop.turn();
        assertThat(batches).containsExactly(List.of(1));
    }

    @Test
    void cancelledRequestDoesNotShortenTheWaitOfOthers() {
        port = host(Duration.ofMillis(10));
        Ticket leaving = ticket(Instant.MAX);
        submit(1, "a", leaving);
        clock.advance(Duration.ofMillis(4));
        submit(2, "a");
        leaving.cancel();
        assertThat(queue.nanosUntilTurn()).isEqualTo(Duration.ofMillis(10).toNanos());
    }
}
