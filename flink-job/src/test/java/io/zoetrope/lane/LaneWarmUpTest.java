package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Tests warm-ups and measurements that are cancelled. */
class LaneWarmUpTest {
    private final TestClock clock = new TestClock();
    private final LaneQueue queue = new LaneQueue(clock);
    private final LaneLoop loop = new LaneLoop("test", queue, clock, LaneObserver.all(), Watchdog.off());
    private final List<Integer> runs = new ArrayList<>();
    private final Ticket ticket = ticket();
    private Runnable duringTheThirdRun = () -> {};
    private final LanePort<Integer, Integer> port = new LanePort<>(
            new StageSpec<>(
                    "stage",
                    this::device,
                    request -> "all",
                    new BatchSizes.Measured(8, Duration.ofSeconds(1)),
                    Duration.ZERO),
            queue,
            clock);

    private List<Integer> device(List<Integer> batch) {
        clock.advance(Duration.ofMillis(1));
        runs.add(batch.size());
        if (runs.size() == 3) {
            duringTheThirdRun.run();
        }
        return batch;
    }

    @Test
    void warmUpCancelledWhileItWaitsEndsAtOnce() {
        CompletableFuture<Void> done = warm(ticket);
        ticket.cancel();

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(done::join)
                .withCauseInstanceOf(CancellationException.class);
        loop.turn();
        assertThat(runs).isEmpty();
        assertThat(warm(ticket)).isCompletedExceptionally();
    }

    @Test
    void measurementThatIsCancelledEndsAfterTheCurrentRunAndTheNextStartsAgain() {
        CompletableFuture<Void> done = warm(ticket);
        CompletableFuture<Void> another = warm(ticket());
        duringTheThirdRun = ticket::cancel;
        loop.turn();

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(done::join)
                .withCauseInstanceOf(CancellationException.class);
        assertThat(runs).containsExactly(1, 1, 1);
        loop.turn();
        assertThat(another).isCompleted();
        assertThat(runs).contains(2, 4, 8);
    }

    @Test
    void laneThatClosesStopsMeasuringAfterTheCurrentRun() {
        CompletableFuture<Void> done = warm(ticket);
        CompletableFuture<Void> waiting = warm(ticket());
        duringTheThirdRun = queue::close;
        loop.turn();

        for (CompletableFuture<Void> each : List.of(done, waiting)) {
            assertThatExceptionOfType(CompletionException.class)
                    .isThrownBy(each::join)
                    .withCauseInstanceOf(RejectedExecutionException.class);
        }
        assertThat(runs).containsExactly(1, 1, 1);
    }

    @Test
    void measurementStopsWhenItsRequestIsCancelled() {
        CompletableFuture<Served<Integer>> answer = port.submit(0, ticket).toCompletableFuture();
        duringTheThirdRun = ticket::cancel;
        loop.turn();

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(answer::join)
                .withCauseInstanceOf(CancellationException.class);
        assertThat(runs).containsExactly(1, 1, 1);
    }

    private CompletableFuture<Void> warm(Ticket warmUpTicket) {
        return port.warm(0, warmUpTicket).toCompletableFuture();
    }

    private Ticket ticket() {
        return new Ticket("ticket", clock.instant(), Optional.empty(), () -> {});
    }
}
