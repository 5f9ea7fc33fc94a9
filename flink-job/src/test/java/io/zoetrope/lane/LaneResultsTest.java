package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests that a fault neither leaks results nor confuses requests. */
class LaneResultsTest {
    private final TestClock clock = new TestClock();
    private final LaneQueue queue = new LaneQueue(clock);
    private final LaneLoop loop = new LaneLoop("test", queue, clock, LaneObserver.all(), Watchdog.off());
    private final List<Integer> closed = new ArrayList<>();
    private int results = 1;

    private final StageSpec<Integer, AutoCloseable> spec =
            new StageSpec<>("stage", this::device, request -> "all", new BatchSizes.Fixed(1), Duration.ZERO);
    private final LanePort<Integer, AutoCloseable> port = new LanePort<>(spec, queue, clock);

    private List<AutoCloseable> device(List<Integer> batch) {
        return IntStream.range(0, results)
                .<AutoCloseable>mapToObj(i -> () -> close(i))
                .toList();
    }

    private void close(int result) {
        closed.add(result);
        if (result == 2) {
            throw new IllegalStateException("planted");
        }
    }

    @Test
    void resultsThatNoRequestReceivesAreClosed() {
        results = 2;
        CompletableFuture<Served<AutoCloseable>> answer =
                port.submit(0, ticket()).toCompletableFuture();
        loop.turn();

        assertThat(answer).isCompletedExceptionally();
        assertThat(closed).containsExactly(0, 1);
    }

    @Test
    void resultThatCannotBeClosedDoesNotHideTheFault() {
        results = 3;
        CompletableFuture<Served<AutoCloseable>> answer =
                port.submit(0, ticket()).toCompletableFuture();
        loop.turn();

        assertThat(closed).containsExactly(0, 1, 2);
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(answer::join)
                .havingCause()
                .withMessageContaining("expected one result for each request, 1, got 3")
                .satisfies(fault -> assertThat(fault.getSuppressed()).hasSize(1));
    }

    @Test
    void cancelBeforeTheRequestIsQueuedEndsNoOther() {
        Bucket<Integer, AutoCloseable> bucket = new Bucket<>(spec, "all");
        queue.open(bucket);
        Pending<Integer, AutoCloseable> waiting = new Pending<>(1, ticket(), bucket, queue, 0);
        queue.put(waiting);
        Ticket leaving = ticket();
        Pending<Integer, AutoCloseable> entering = new Pending<>(2, leaving, bucket, queue, 0);
        leaving.add(entering);

        leaving.cancel();
        queue.put(entering);

        assertThat(entering.answer().toCompletableFuture()).isCompletedExceptionally();
        assertThat(queue.waiting()).isEqualTo(1);
        loop.turn();
        assertThat(waiting.answer().toCompletableFuture()).isCompleted();
    }

    private Ticket ticket() {
        return new Ticket("ticket", clock.instant(), Optional.empty(), () -> {});
    }
}
