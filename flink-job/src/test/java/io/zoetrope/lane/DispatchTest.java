package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DispatchTest {
    private static final int ARRIVALS = 5_000;

    private final TestClock clock = new TestClock();
    private final List<LaneLoop> loops = new ArrayList<>();
    private final List<LaneQueue> queues = new ArrayList<>();

    /** With a central queue, an idle device takes the next request; a dispatch has to predict which device that is. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 10, 1", "2, 1, 10, 1", "4, 1, 10, 1", "16, 1, 10, 1",
        "1, 8, 10, 1", "2, 8, 10, 1", "4, 8, 10, 1", "16, 8, 10, 1",
        "2, 8, 5, 5", "16, 8, 5, 5", "2, 8, 1, 10", "16, 8, 1, 10"
    })
    void equalDevicesAreAsFastAsWithACentralQueue(int devices, int cap, long fixedMillis, long eachMillis) {
        DispatchSimulation simulation =
                new DispatchSimulation(devices, cap, fixedMillis * 1_000_000, eachMillis * 1_000_000);
        for (double load : new double[] {0.5, 0.8, 0.95}) {
            long[] arrivals = simulation.arrivals(load, ARRIVALS, 1);
            double ratio = simulation.dispatch(arrivals) / simulation.centralQueue(arrivals);
            assertThat(ratio)
                    .as("mean latency relative to that of a central queue at load %s", load)
                    .isBetween(0.98, 1.02);
        }
    }

    @Test
    void slowDeviceGetsNoRequestUntilTheFastOneIsBusy() {
        List<Integer> chosen = new ArrayList<>();
        LanePort<Integer, Integer> slow = port(0, Duration.ofMillis(100), chosen);
        LanePort<Integer, Integer> fast = port(1, Duration.ofMillis(10), chosen);
        Dispatch<Integer, Integer> dispatch = new Dispatch<>(List.of(slow, fast));
        learn(dispatch);
        chosen.clear();

        List<CompletableFuture<Served<Integer>>> answers = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            answers.add(submit(dispatch, i));
        }
        loops.forEach(this::runAll);
        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(chosen.stream().filter(lane -> lane == 0)).hasSize(1);
    }

    @Test
    void lanesWithoutMeasurementsShareTheRequests() {
        List<Integer> chosen = new ArrayList<>();
        Dispatch<Integer, Integer> dispatch =
                new Dispatch<>(List.of(port(0, Duration.ofMillis(10), chosen), port(1, Duration.ofMillis(10), chosen)));
        for (int i = 0; i < 8; i++) {
            assertThat(submit(dispatch, i)).isNotDone();
        }
        loops.forEach(this::runAll);
        assertThat(chosen.stream().filter(lane -> lane == 0)).hasSize(4);
    }

    @Test
    void aTaskRunsOnOneLaneThatIsInUse() {
        List<Integer> chosen = new ArrayList<>();
        Dispatch<Integer, Integer> dispatch =
                new Dispatch<>(List.of(port(0, Duration.ofMillis(10), chosen), port(1, Duration.ofMillis(10), chosen)));
        queues.get(0).takeOut(new LaneOutException("lane-0", "planted"));

        CompletableFuture<Void> done = dispatch.warmOne(1).toCompletableFuture();
        loops.forEach(this::runAll);

        assertThat(done).isCompleted();
        assertThat(chosen).containsExactly(1);
    }

    @Test
    void aTaskThatWaitsMovesIfItsLaneIsTakenOut() {
        List<Integer> chosen = new ArrayList<>();
        Dispatch<Integer, Integer> dispatch =
                new Dispatch<>(List.of(port(0, Duration.ofMillis(10), chosen), port(1, Duration.ofMillis(10), chosen)));

        CompletableFuture<Void> done = dispatch.warmOne(1).toCompletableFuture();
        queues.get(0).takeOut(new LaneOutException("lane-0", "planted"));
        loops.forEach(this::runAll);
        assertThat(done).isCompleted();
        assertThat(chosen).containsExactly(1);

        queues.get(1).takeOut(new LaneOutException("lane-1", "planted"));
        assertThat(dispatch.warmOne(1).toCompletableFuture())
                .as("a task without any lane in use")
                .isCompletedExceptionally();
    }

    @Test
    void dispatchNeedsALane() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Dispatch<>(List.<LanePort<Integer, Integer>>of()))
                .withMessageContaining("at least one");
    }

    private void learn(Dispatch<Integer, Integer> dispatch) {
        for (int i = 0; i < 2; i++) {
            assertThat(submit(dispatch, i)).isNotDone();
        }
        loops.forEach(this::runAll);
        clock.advance(Duration.ofSeconds(1));
    }

    private void runAll(LaneLoop loop) {
        for (int i = 0; i < 20; i++) {
            loop.turn();
        }
    }

    private LanePort<Integer, Integer> port(int number, Duration took, List<Integer> chosen) {
        TestClock own = new TestClock();
        LaneQueue queue = new LaneQueue(own);
        queues.add(queue);
        loops.add(new LaneLoop("lane-" + number, queue, own, LaneObserver.all(), Watchdog.off()));
        Stage<Integer, Integer> stage = batch -> {
            own.advance(took);
            chosen.add(number);
            return batch;
        };
        return new LanePort<>(
                new StageSpec<>("stage", stage, one -> "all", new BatchSizes.Fixed(1), Duration.ZERO), queue, clock);
    }

    private CompletableFuture<Served<Integer>> submit(Dispatch<Integer, Integer> dispatch, int request) {
        Ticket ticket = new Ticket(request, clock.instant(), Optional.empty(), () -> {});
        return dispatch.submit(request, ticket).toCompletableFuture();
    }
}
