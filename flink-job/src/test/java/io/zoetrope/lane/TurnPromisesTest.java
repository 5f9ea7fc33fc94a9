package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Breaks each promise about turns once and tests that the check reports it. */
class TurnPromisesTest {
    private final TestClock clock = new TestClock();
    private final TurnPromises turns = new TurnPromises(clock);
    private final Request first = submitted(1, "a", Duration.ZERO);
    private final Request second = submitted(2, "a", Duration.ZERO);
    private final Request third = submitted(3, "a", Duration.ZERO);
    private final Request other = submitted(4, "b", Duration.ZERO);

    @Test
    void rightTurnsAreNotReported() {
        turns.runs(List.of(first, second));
        turns.runs(List.of(first));
        turns.runs(List.of(second));
        turns.runs(List.of(third));
        turns.runs(List.of(other));
        turns.idles();
        assertThat(turns.broken()).isEmpty();
    }

    @Test
    void youngerBucketBeforeAnOlderIsNoticed() {
        turns.runs(List.of(other));
        assertThat(turns.broken()).singleElement().asString().startsWith("the earliest deadline runs first");
    }

    @Test
    void batchWithoutTheRequestDueFirstIsNoticed() {
        turns.runs(List.of(second, third));
        assertThat(turns.broken()).singleElement().asString().startsWith("by deadline");
    }

    @Test
    void batchThatLeavesRoomIsNoticed() {
        turns.runs(List.of(first));
        assertThat(turns.broken()).singleElement().asString().startsWith("by deadline");
    }

    @Test
    void passedOverDeadlineIsNoticed() {
        Request urgent = submitted(5, "a", Duration.ZERO, Optional.of(Duration.ofSeconds(1)));
        turns.runs(List.of(first, second));
        assertThat(turns.broken())
                .singleElement()
                .asString()
                .startsWith("by deadline")
                .contains(urgent.toString());
    }

    @Test
    void urgentRequestOfAnotherBucketThatWaitsIsNoticed() {
        Request urgent = submitted(5, "c", Duration.ZERO, Optional.of(Duration.ofSeconds(1)));
        turns.runs(List.of(first, second));
        assertThat(turns.broken())
                .containsExactly("the earliest deadline runs first: " + urgent + " waited while " + first + " ran");
    }

    @Test
    void deadlineBeforeARequestThatWaitedForAMinuteIsNoticed() {
        clock.advance(Duration.ofMinutes(1));
        Request late = submitted(5, "a", Duration.ZERO, Optional.of(Duration.ofNanos(1)));
        turns.runs(List.of(late, first));
        assertThat(turns.broken())
                .contains("no request starves: " + second + " waited while " + List.of(late, first) + " ran")
                .contains("no request starves: " + other + " waited while " + List.of(late, first) + " ran");
    }

    @Test
    void deadlineBeforeARequestThatWaitedForLessThanAMinuteIsRight() {
        clock.advance(Duration.ofMinutes(1).minusNanos(2));
        Request late = submitted(5, "a", Duration.ZERO, Optional.of(Duration.ofNanos(1)));
        turns.runs(List.of(late, first));
        assertThat(turns.broken()).isEmpty();
    }

    @Test
    void expiredRequestOnTheDeviceIsNoticed() {
        Request urgent = submitted(5, "a", Duration.ZERO, Optional.of(Duration.ofSeconds(1)));
        clock.advance(Duration.ofSeconds(1));
        turns.runs(List.of(urgent, first));
        assertThat(turns.broken()).containsExactly("no run after the deadline: " + urgent);
    }

    @Test
    void cancelledRequestOnTheDeviceIsNoticed() {
        Ticket ticket = ticket(Optional.empty());
        Request late = new Request(9, "c");
        turns.submitted(late, ticket, spec(Duration.ZERO));
        ticket.cancel();
        turns.runs(List.of(first, second));
        turns.runs(List.of(third));
        turns.runs(List.of(other));
        turns.runs(List.of(late));
        assertThat(turns.broken()).containsExactly("no run after the cancellation: " + late);
    }

    @Test
    void secondRunAfterTheDeadlineIsNoticed() {
        Request urgent = submitted(5, "a", Duration.ZERO, Optional.of(Duration.ofSeconds(1)));
        turns.runs(List.of(urgent, first));
        clock.advance(Duration.ofSeconds(1));
        turns.runs(List.of(first));
        turns.runs(List.of(urgent));
        assertThat(turns.broken()).containsExactly("no run after the deadline: " + urgent);
    }

    @Test
    void idleDeviceWhileOneIsReadyIsNoticed() {
        turns.idles();
        assertThat(turns.broken()).hasSize(2).allMatch(broken -> broken.startsWith("no idle device"));
    }

    @Test
    void fullBatchThatWaitsIsNoticed() {
        runAll();
        submitted(5, "c", Duration.ofSeconds(1));
        turns.idles();
        assertThat(turns.broken()).isEmpty();
        submitted(6, "c", Duration.ofSeconds(1));
        turns.idles();
        assertThat(turns.broken()).singleElement().asString().startsWith("no idle device");
    }

    @Test
    void waitBeyondTheMaxWaitIsNoticed() {
        runAll();
        submitted(5, "c", Duration.ofSeconds(1));
        clock.advance(Duration.ofSeconds(1));
        turns.idles();
        assertThat(turns.broken()).singleElement().asString().startsWith("no idle device");
    }

    @Test
    void batchThatRunsBeforeItsMaxWaitIsNoticed() {
        runAll();
        Request early = submitted(5, "c", Duration.ofSeconds(1));
        turns.runs(List.of(early));
        assertThat(turns.broken()).singleElement().asString().startsWith("a batch that is not full waits");
    }

    @Test
    void failedBatchThatRunsAgainAsItWasIsNoticed() {
        turns.runs(List.of(first, second));
        turns.runs(List.of(first, second));
        assertThat(turns.broken()).hasSize(2).allMatch(broken -> broken.contains("in halves: 2 became 2"));
    }

    @Test
    void runOfSomethingThatDoesNotWaitIsNoticed() {
        turns.runs(List.of(new Request(9, "c"), new Request(10, "c")));
        assertThat(turns.broken()).hasSize(2).allMatch(broken -> broken.startsWith("only waiting requests run"));
    }

    private void runAll() {
        turns.runs(List.of(first, second));
        turns.runs(List.of(third));
        turns.runs(List.of(other));
    }

    private Request submitted(int id, String bucket, Duration maxWait) {
        return submitted(id, bucket, maxWait, Optional.empty());
    }

    private Request submitted(int id, String bucket, Duration maxWait, Optional<Duration> deadline) {
        Request request = new Request(id, bucket);
        turns.submitted(request, ticket(deadline), spec(maxWait));
        return request;
    }

    private Ticket ticket(Optional<Duration> deadline) {
        return new Ticket(0, clock.instant(), deadline.map(clock.instant()::plus), () -> {});
    }

    private static StageSpec<Request, String> spec(Duration maxWait) {
        return new StageSpec<>(
                "stage",
                batch -> batch.stream().map(Request::answer).toList(),
                Request::bucket,
                new BatchSizes.Fixed(2),
                maxWait);
    }
}
