package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.zoetrope.device.Device;
import io.zoetrope.lane.Admission;
import io.zoetrope.lane.BatchTables;
import io.zoetrope.lane.LaneOutException;
import io.zoetrope.lane.RunLimits;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.TestClock;
import io.zoetrope.lane.Ticket;
import io.zoetrope.text.TextEmbedding;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeviceLanesTest {
    private static final LaneOptions TWO_LANES =
            new LaneOptions(2, 1, 1, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);

    private final TestClock clock = new TestClock();
    private final FakeModel model = new FakeModel("d1");

    @Test
    void nothingIsClosedWhileARunIsInFlightOnAnyLane() throws Exception {
        DeviceLanes lanes =
                new DeviceLanes(model, Device.CPU, 2, TWO_LANES, new BatchTables(), clock, FakeModel.NO_END);
        lanes.open(lanes.text(), model).toCompletableFuture().join();
        Gate gate = new Gate("text");
        model.onRun(gate);
        Ticket ticket = new Admission(1, clock).enter("request", Optional.empty());
        CompletableFuture<Served<TextEmbedding>> answer = lanes.text()
                .ports()
                .get(1)
                .submit(model.tokenizer().tokenize("a circle"), ticket)
                .toCompletableFuture();
        gate.awaitArrival();

        Thread closing = new Thread(lanes::close);
        closing.start();
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(model.closed).isEmpty();

        gate.open();
        closing.join();
        answer.join().value().close();
        assertThat(model.closed).containsExactly("text:cpu");
    }

    @Test
    void aStageOpensAlthoughTheFirstLaneIsOutOfUse() throws Exception {
        LaneOptions impatient = new LaneOptions(
                2,
                1,
                1,
                Duration.ofSeconds(2),
                Duration.ZERO,
                new RunLimits(Duration.ofMillis(40), Duration.ofMillis(40)));
        DeviceLanes lanes =
                new DeviceLanes(model, Device.CPU, 2, impatient, new BatchTables(), clock, FakeModel.NO_END);
        lanes.open(lanes.text(), model).toCompletableFuture().join();
        model.failsToOpen = "text";
        model.onRun((stage, batch) -> hangUntilEnded());
        Ticket ticket = new Admission(1, clock).enter("request", Optional.empty());
        assertThat(lanes.text()
                        .ports()
                        .get(0)
                        .submit(model.tokenizer().tokenize("a circle"), ticket)
                        .toCompletableFuture())
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(LaneOutException.class);
        assertThat(lanes.lanesOut()).isEqualTo(1);

        assertThat(lanes.open(lanes.decode(), model).toCompletableFuture()).succeedsWithin(Duration.ofSeconds(30));

        assertThat(model.opened).contains("decode:cpu");
        lanes.close();
        assertThat(model.closed).containsAll(model.opened);
    }

    private void hangUntilEnded() {
        while (!model.endedRuns.contains(Thread.currentThread().getName())) {
            clock.advance(Duration.ofMillis(1));
            Thread.onSpinWait();
        }
        throw new IllegalStateException("the run was ended");
    }

    @Test
    void noThreadIsLeftIfALaneCannotBeStarted() {
        Thread starting = Thread.currentThread();
        AtomicInteger readings = new AtomicInteger();
        TestClock failing = new TestClock() {
            @Override
            public long nanoTime() { // read once for each lane by the thread that starts the lanes
                if (Thread.currentThread() == starting && readings.incrementAndGet() == 2) {
                    throw new OutOfMemoryError("planted: no thread can be started");
                }
                return super.nanoTime();
            }
        };

        assertThatThrownBy(() -> new DeviceLanes(
                        model, Device.cuda(77), 2, TWO_LANES, new BatchTables(), failing, FakeModel.NO_END))
                .isInstanceOf(OutOfMemoryError.class)
                .hasMessageStartingWith("planted");

        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().contains("cuda:77")));
    }
}
