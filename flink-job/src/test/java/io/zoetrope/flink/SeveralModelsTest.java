package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.schema.FailedPrompt;
import java.time.Instant;
import java.util.UUID;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests the operator of a job that serves two models, each with at most two requests in flight. */
class SeveralModelsTest extends WaitingFixture {
    private final FakeEngine.Factory quick =
            FakeEngine.Factory.of(UUID.randomUUID().toString(), "quick", 2);
    private final FakeEngine.Factory slow =
            FakeEngine.Factory.of(UUID.randomUUID().toString(), "slow", 2);
    private final FakeEngine.Factory other =
            FakeEngine.Factory.of(UUID.randomUUID().toString(), "other", 2);

    @Test
    void aRequestGoesToTheModelThatItNamesAndOtherwiseToTheFirst() throws Exception {
        WaitingHarness harness = open(EngineSet.of(quick, slow));

        harness.process(prompt("1", "slow"), prompt("2", "quick"), prompt("3", null));

        assertThat(sent(slow)).containsExactly("1");
        assertThat(sent(quick)).containsExactly("2", "3");
    }

    @Test
    void aPromptOfAnIdleModelPassesThoseThatWaitForABusyOne() throws Exception {
        WaitingHarness harness = open(EngineSet.of(slow, quick));
        for (int i = 0; i < 50; i++) {
            harness.process(prompt("slow-" + i, "slow"));
        }

        harness.process(prompt("quick-1", "quick"), prompt("quick-2", "quick"), prompt("quick-3", "quick"));

        assertThat(sent(slow)).containsExactly("slow-0", "slow-1");
        assertThat(sent(quick)).containsExactly("quick-1", "quick-2");
        answer(harness, quick, "quick-1");
        assertThat(sent(quick)).containsExactly("quick-1", "quick-2", "quick-3");
        assertThat(sent(slow)).hasSize(2);
        answer(harness, slow, "slow-0");
        assertThat(sent(slow)).containsExactly("slow-0", "slow-1", "slow-2");
    }

    @Test
    void anUnknownModelFailsAtOnceAlsoWhileTheDefaultIsBusyAndNamesThoseThatAreServed() throws Exception {
        WaitingHarness harness = open(EngineSet.of(slow, quick));
        harness.process(prompt("1", null), prompt("2", null), prompt("3", null));

        harness.process(prompt("4", "missing"));

        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getRequestId()).isEqualTo("4");
            assertThat(failure.getCode()).isEqualTo("UNKNOWN_MODEL");
            assertThat(failure.getMessage())
                    .isEqualTo("model: this job serves slow (the default), quick, the event names missing; name one of"
                            + " these, omit the field for the default, or publish to the job that serves that model");
        });
    }

    @Test
    void promptsWaitForTheirOwnModelAfterARestart() throws Exception {
        WaitingHarness harness = open(EngineSet.of(slow, quick));
        waitingPrompts(harness);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        close(harness);

        harness = open(EngineSet.of(slow, quick), state);

        assertThat(slow.opened()).as("the engines are kept for the restart").hasSize(1);
        assertThat(quick.opened()).hasSize(1);
        answer(harness, quick, "quick-0", "quick-1", "quick-2");
        assertThat(sent(quick)).containsExactlyInAnyOrder("quick-0", "quick-1", "quick-2");
        assertThat(sent(slow)).containsExactlyInAnyOrder("slow-0", "slow-1");
    }

    @Test
    void afterARestartWithoutAModelItsPromptsFailAndThoseWithoutAModelGoToTheNewDefault() throws Exception {
        WaitingHarness harness = open(EngineSet.of(slow, quick));
        waitingPrompts(harness);
        harness.process(prompt("any", null));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        close(harness);

        // The two models have room for all requests in flight. With less, opening waits for answers.
        harness = open(EngineSet.of(quick, other), state);
        answer(harness, quick, "quick-0", "quick-1", "quick-2", "any");

        assertThat(harness.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactlyInAnyOrder(
                        tuple("slow-0", "UNKNOWN_MODEL"),
                        tuple("slow-1", "UNKNOWN_MODEL"),
                        tuple("slow-2", "UNKNOWN_MODEL"));
        assertThat(sent(quick)).containsExactlyInAnyOrder("quick-0", "quick-1", "quick-2", "any");
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void tombstonesDeadlinesAndQueueLimitsHoldForEachModel() throws Exception {
        WaitingHarness harness = open(EngineSet.of(slow, quick), WaitingHarness.limits(100, "a=3"));
        waitingPrompts(harness);
        harness.process(due("slow-3", "slow", 5000), due("quick-3", "quick", 5000));
        harness.process(Events.tombstone("quick-2"), Events.tombstone("slow-1"));
        harness.setProcessingTime(5000);

        assertThat(harness.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactlyInAnyOrder(
                        tuple("quick-3", "QUOTA_EXCEEDED"), // slow-2, quick-2 and slow-3 wait
                        tuple("quick-2", "CANCELLED"),
                        tuple("slow-1", "CANCELLED"),
                        tuple("slow-3", "DEADLINE_EXCEEDED"));
        assertThat(engine(slow).cancelled).contains(new RequestId("slow-1"));
        assertThat(sent(slow)).containsExactly("slow-0", "slow-1", "slow-2");
    }

    @Test
    void answersAreCountedByModelAndTogether() throws Exception {
        RecordedMetrics metrics = new RecordedMetrics();
        try (var harness = WaitingHarness.withMetrics(EngineSet.of(quick, slow), metrics)) {
            harness.open();
            harness.processElement(prompt("1", "quick"), 0);
            harness.processElement(prompt("2", "slow"), 0);
            harness.processElement(prompt("3", "missing"), 0);
            engine(quick).answerOf("1").complete(FakeEngine.video("1", "quick", 1, 100));
            engine(slow).answerOf("2").completeExceptionally(new IllegalStateException("planted"));
            WaitingHarness.runMails(harness);
        }

        assertThat(metrics.count("videos")).isEqualTo(1);
        assertThat(metrics.count("model", "quick", "videos")).isEqualTo(1);
        assertThat(metrics.count("model", "slow", "videos")).isZero();
        assertThat(metrics.count("model", "slow", "code", "INFERENCE_FAILED", "failures"))
                .isEqualTo(1);
        assertThat(metrics.count("code", "INFERENCE_FAILED", "failures")).isEqualTo(1);
        assertThat(metrics.count("code", "UNKNOWN_MODEL", "failures")).isEqualTo(1);
        assertThat(metrics.count("model", "quick", "code", "UNKNOWN_MODEL", "failures"))
                .isZero();
        assertThat(metrics.gauge("model", "quick", "waiting")).isEqualTo(0);
        assertThat(metrics.gauge("inFlight")).isEqualTo(10);
        assertThat(metrics.gauge("model", "slow", "inFlight")).isEqualTo(5);
        assertThat(metrics.gauge("model", "slow", "device", "cuda:0", "queueLength"))
                .isEqualTo(4);
    }

    /** Sends three prompts to each model; the third of each waits. */
    private void waitingPrompts(WaitingHarness harness) throws Exception {
        for (int i = 0; i < 3; i++) {
            harness.process(prompt("slow-" + i, "slow"), prompt("quick-" + i, "quick"));
        }
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
    }

    private KafkaEvent due(String requestId, String model, long deadline) {
        return event(request(requestId, model).deadline(Instant.ofEpochMilli(deadline)), requestId);
    }

    private KafkaEvent prompt(String requestId, @Nullable String model) {
        return event(request(requestId, model), requestId);
    }

    private static RequestBuilder request(String requestId, @Nullable String model) {
        RequestBuilder request = new RequestBuilder(requestId, "a red circle").label("tenant", "a");
        return model == null ? request : request.model(model);
    }

    private WaitingHarness open(EngineSet engines, OperatorSubtaskState... state) throws Exception {
        return open(engines, WaitingHarness.limits(100, "none"), state);
    }
}
