package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/** Tests runs that do not end, in virtual time: while a run hangs, the device ticks the clock and the watchdog. */
class HungRunTest {
    private static final Duration RUN = Duration.ofMillis(10);
    private static final RunLimits LIMITS = new RunLimits(Duration.ofSeconds(30), Duration.ofMinutes(10));

    private final TestClock clock = new TestClock();
    private final List<String> ends = new ArrayList<>();
    private final Watchdog watchdog = Watchdog.byHand(LIMITS, clock, ends::add);
    private final LaneQueue queue = new LaneQueue(clock);
    private final LaneMeter meter = new LaneMeter(clock);
    private final LaneLoop loop = new LaneLoop("test", queue, clock, meter, watchdog);
    private final Device device = new Device();
    private final LanePort<Integer, Integer> port = port(queue, device);

    /** A device on which the runs of some requests hang. Records all calls. */
    private final class Device implements Stage<Integer, Integer> {
        private final Set<Integer> hanging = new HashSet<>();
        private final List<String> calls = new ArrayList<>();
        private Duration duration = RUN;
        private boolean reacts = true;
        private boolean ended;
        private boolean canBeRenewed = true;
        private Duration freeing = Duration.ZERO;
        private Duration opening = Duration.ZERO;

        @Override
        public List<Integer> run(List<Integer> batch) {
            calls.add("run " + batch);
            ended = false;
            if (batch.stream().anyMatch(hanging::contains)) {
                while (reacts ? !ended : ends.isEmpty()) {
                    tick();
                }
                throw new IllegalStateException("the run was ended");
            }
            take(duration);
            if (ended) {
                throw new IllegalStateException("the run was ended");
            }
            return batch;
        }

        /** Takes a duration, or less if the process ends before. */
        private void take(Duration duration) {
            for (Duration left = duration;
                    left.compareTo(Duration.ZERO) > 0 && ends.isEmpty();
                    left = left.minus(watchdog.tick())) {
                tick();
            }
        }

        private void tick() {
            clock.advance(watchdog.tick());
            watchdog.check();
        }

        @Override
        public void end(Thread runner) {
            ended = true;
        }

        @Override
        public void discard() {
            take(freeing);
        }

        @Override
        public void renew() {
            take(opening);
            calls.add("renew");
            if (!canBeRenewed) {
                throw new IllegalStateException("the device is gone");
            }
        }
    }

    @Test
    void requestsOfAHungBatchRunOnceMoreAloneOnARenewedStage() throws Exception {
        warm();
        device.hanging.add(2);
        List<CompletableFuture<Served<Integer>>> answers = submit(1, 2, 3);
        loop.turn();

        assertThat(device.calls).containsExactly("run [1, 2, 3]", "renew", "run [1]", "run [2]", "renew", "run [3]");
        assertThat(answers.get(0).get().value()).isEqualTo(1);
        assertThat(answers.get(2).get().value()).isEqualTo(3);
        assertThat(fault(answers.get(1)))
                .isInstanceOf(HungRunException.class)
                .hasMessage("stage: the run did not end within 30000 ms, so the watchdog ended it");
        assertThat(meter.endedRuns()).isEqualTo(2);
        assertThat(ends).isEmpty();
    }

    @Test
    void aRunThatUsuallyTakesLongHasALongerLimit() throws Exception {
        device.duration = Duration.ofSeconds(5);
        warm();
        device.duration = Duration.ofSeconds(95);
        CompletableFuture<Served<Integer>> answer = submit(1).get(0);
        loop.turn();

        assertThat(answer.get().value()).isEqualTo(1);
        assertThat(meter.endedRuns()).isZero();
    }

    @Test
    void theFirstRunOfAStageHasTheLimitOfAStart() throws Exception {
        device.duration = LIMITS.start().minus(watchdog.tick());
        CompletableFuture<Served<Integer>> answer = submit(1).get(0);
        loop.turn();

        assertThat(answer.get().value()).isEqualTo(1);
    }

    @Test
    void aProcessThatWasSuspendedEndsNoRun() throws Exception {
        warm();
        Stage<Integer, Integer> suspended = batch -> {
            clock.advance(Duration.ofHours(1));
            watchdog.check();
            return batch;
        };
        Ticket ticket = new Ticket(1, clock.instant(), Optional.empty(), () -> {});
        var answer = port(queue, suspended).submit(1, ticket).toCompletableFuture();
        loop.turn();

        assertThat(answer.get().value()).isEqualTo(1);
    }

    @Test
    void aRunThatDoesNotReactEndsTheProcess() throws Exception {
        warm();
        device.hanging.add(1);
        device.reacts = false;
        CompletableFuture<Served<Integer>> answer = submit(1).get(0);
        long start = clock.nanoTime();
        loop.turn();

        assertThat(answer).isCompletedExceptionally();
        assertThat(ends)
                .singleElement()
                .asString()
                .contains("lane test, stage stage: a native call did not end within");
        assertThat(clock.nanoTime() - start)
                .isGreaterThanOrEqualTo(LIMITS.run().plus(Watchdog.GRACE).toNanos());
    }

    @Test
    void theTimeToFreeAHungStageDoesNotCountForTheNewOne() throws Exception {
        warm();
        device.hanging.add(1);
        device.freeing = LIMITS.start().minus(watchdog.tick());
        device.opening = LIMITS.start().minus(watchdog.tick());
        List<CompletableFuture<Served<Integer>>> answers = submit(1, 2);
        loop.turn();

        assertThat(ends).isEmpty();
        assertThat(fault(answers.get(0))).isInstanceOf(HungRunException.class);
        assertThat(answers.get(1).get().value()).isEqualTo(2);
    }

    @Test
    void aHungStageThatIsNotFreedEndsTheProcess() throws Exception {
        warm();
        device.hanging.add(1);
        device.freeing = Duration.ofHours(1);
        CompletableFuture<Served<Integer>> answer = submit(1).get(0);
        loop.turn();

        assertThat(answer).isCompletedExceptionally();
        assertThat(ends).singleElement().asString().contains("a native call did not end within 600000 ms");
    }

    @Test
    void aLaneWhoseStageKeepsHangingIsTakenOutAndItsRequestsMoveToAnother() throws Exception {
        warm();
        device.hanging.addAll(List.of(1, 2, 3));
        LaneQueue otherQueue = new LaneQueue(clock);
        Device other = new Device();
        LaneLoop otherLoop = new LaneLoop("other", otherQueue, clock, LaneObserver.all(), watchdog);
        Dispatch<Integer, Integer> dispatch = new Dispatch<>(List.of(port, port(otherQueue, other)));
        List<CompletableFuture<Served<Integer>>> hung = new ArrayList<>();
        for (int request = 1; request <= 3; request++) {
            hung.add(submit(request).get(0));
            loop.turn();
        }
        assertThat(hung).allSatisfy(answer -> assertThat(fault(answer)).isInstanceOf(HungRunException.class));
        assertThat(port.isOut()).isTrue();
        assertThat(dispatch.isOut()).isFalse();

        CompletableFuture<Served<Integer>> moved = dispatched(dispatch, 4);
        otherLoop.turn();
        assertThat(moved.get().value()).isEqualTo(4);
    }

    @Test
    void requestsOfALaneThatIsTakenOutMoveToAnother() throws Exception {
        warm();
        device.hanging.add(1);
        device.canBeRenewed = false;
        LaneQueue slowQueue = new LaneQueue(clock);
        LaneLoop slowLoop = new LaneLoop("slow", slowQueue, clock, LaneObserver.all(), watchdog);
        Device slow = new Device();
        slow.duration = Duration.ofSeconds(10);
        LanePort<Integer, Integer> slowPort = port(slowQueue, slow);
        var learned = slowPort.submit(0, ticket(0)).toCompletableFuture();
        slowLoop.turn();
        assertThat(learned).isCompleted();
        CompletableFuture<Served<Integer>> lost = dispatched(new Dispatch<>(List.of(port)), 1);
        List<CompletableFuture<Served<Integer>>> moved = new ArrayList<>();
        for (int request = 2; request <= 5; request++) {
            moved.add(dispatched(new Dispatch<>(List.of(port, slowPort)), request));
        }
        assertThat(queue.waiting()).isEqualTo(5);

        loop.turn();
        assertThat(fault(lost))
                .as("the failure of a request that has no other lane")
                .isInstanceOf(LaneOutException.class)
                .hasMessageContaining("stage stage could not be opened again after a run that hung")
                .hasMessageContaining("the device is gone");
        slowLoop.turn();
        slowLoop.turn();
        assertThat(slow.calls).as("runs of the other lane").hasSize(3);
        for (CompletableFuture<Served<Integer>> answer : moved) {
            assertThat(answer.get().value()).isBetween(2, 5);
        }
    }

    /** Lets the stage learn the duration of its runs. */
    private void warm() throws Exception {
        CompletableFuture<Served<Integer>> answer = submit(0).get(0);
        loop.turn();
        assertThat(answer.get().value()).isZero();
        device.calls.clear();
    }

    private static LanePort<Integer, Integer> port(LaneQueue queue, Stage<Integer, Integer> stage) {
        return new LanePort<>(
                new StageSpec<>("stage", stage, request -> "all", new BatchSizes.Fixed(3), Duration.ZERO),
                queue,
                new TestClock());
    }

    private List<CompletableFuture<Served<Integer>>> submit(int... requests) {
        List<CompletableFuture<Served<Integer>>> answers = new ArrayList<>();
        for (int request : requests) {
            answers.add(port.submit(request, ticket(request)).toCompletableFuture());
        }
        return answers;
    }

    private CompletableFuture<Served<Integer>> dispatched(Dispatch<Integer, Integer> dispatch, int request) {
        return dispatch.submit(request, ticket(request)).toCompletableFuture();
    }

    private Ticket ticket(int request) {
        return new Ticket(request, clock.instant(), Optional.empty(), () -> {});
    }

    private static Throwable fault(CompletableFuture<Served<Integer>> answer) {
        try {
            throw new AssertionError("the request was answered: " + answer.get());
        } catch (ExecutionException e) {
            return e.getCause() == null ? e : e.getCause();
        } catch (InterruptedException e) {
            return e;
        }
    }
}
