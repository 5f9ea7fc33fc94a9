package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.awaitCall;
import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.Device;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.Placement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests a job that is cancelled while its model is loaded or measured: Flink interrupts the thread that opens the
 * engine.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AbandonedOpeningTest {
    private final EngineFixture fixture = new EngineFixture();
    private final FakeModel model = fixture.model;
    private final CompletableFuture<Throwable> end = new CompletableFuture<>();
    private final Thread opening = new Thread(
            () -> {
                try {
                    fixture.open().close();
                    end.complete(new AssertionError("the engine opened"));
                } catch (Throwable e) {
                    end.complete(e);
                }
            },
            "opening");

    @AfterEach
    void everythingIsGivenBack() throws Exception {
        assertThat(model.outstanding()).isZero();
        assertThat(model.closed).containsAll(model.opened).contains("tokenizer");
        model.onOpen(stage -> {});
        fixture.assertNoLaneIsHeld(EngineFixture.ON_CPU);
    }

    /** Interrupts the opening while a run is blocked, and opens the gate when the opening waits for the run to end. */
    private void interruptOpeningAt(Gate gate, String waitingMethod) {
        opening.start();
        gate.awaitArrival();
        opening.interrupt();
        awaitCall(opening, waitingMethod);
        gate.open();
        assertThat(end.join()).isInstanceOf(InterruptedException.class);
    }

    @Test
    void measuringEndsAfterTheCurrentRun() {
        Gate gate = new Gate("generate");
        fixture.onRun(gate);

        interruptOpeningAt(gate, "awaitNoneLeft");

        assertThat(model.runs.stream().filter(run -> run.startsWith("generate")))
                .hasSize(1);
    }

    @Test
    void loadingEndsAfterTheCurrentStage() {
        Gate gate = new Gate("text");
        model.onOpen(stage -> gate.run(stage, 0));

        interruptOpeningAt(gate, "join");

        assertThat(model.opened).containsExactly("text:cpu");
        assertThat(model.runs).isEmpty();
    }

    @Test
    void aLaneThatAnotherJobHoldsFinishesItsOpeningBeforeTheModelIsClosed() throws Exception {
        Placement textHere = new Placement(List.of(Device.CPU), List.of(Device.cuda(0)), List.of(Device.cuda(0)));
        VideoEngine other = fixture.open(textHere, 4, EngineFixture::segment);
        Gate gate = new Gate("generate");
        model.onOpen(stage -> {
            assertThat(model.closed).as("closed while a stage is opened").isEmpty();
            gate.run(stage, 0);
        });

        interruptOpeningAt(gate, "join");

        assertThat(model.closed).containsExactly("tokenizer");
        assertThat(model.runs).isEmpty();
        assertThat(join(other.generate(prompt("request-1")))).isNotNull();
        other.close();
    }
}
