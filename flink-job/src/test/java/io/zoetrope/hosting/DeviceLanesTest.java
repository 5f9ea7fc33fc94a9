package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.Device;
import io.zoetrope.lane.Admission;
import io.zoetrope.lane.BatchTables;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.TestClock;
import io.zoetrope.lane.Ticket;
import io.zoetrope.text.TextEmbedding;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
}
