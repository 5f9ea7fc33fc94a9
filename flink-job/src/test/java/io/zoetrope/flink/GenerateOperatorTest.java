package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.zoetrope.engine.EngineSet;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.schema.FailedPrompt;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the waiting room of the operator: at most two requests are in flight, the others wait for their turn. */
class GenerateOperatorTest extends WaitingFixture {
    private final FakeEngine.Factory engines =
            FakeEngine.Factory.of(UUID.randomUUID().toString(), "toybox-64", 2);
    private WaitingHarness harness;

    @BeforeEach
    void open() throws Exception {
        harness = open(WaitingHarness.limits(100, "none"));
    }

    @Test
    void requestsBeyondThoseInFlightWaitAndStartWhenOneIsAnswered() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"), prompt("3", "a"), prompt("4", "a"));
        assertThat(sent()).containsExactly("1", "2");

        answer("1");

        assertThat(sent()).containsExactly("1", "2", "3");
        answer("2", "3", "4");
        assertThat(harness.answers()).hasSize(4);
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    /** A stop with a savepoint ends the mailbox while engine threads still answer. */
    @Test
    void anAnswerAfterTheSavepointOfAStopStartsNoOtherRequest() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"), prompt("3", "a"));
        engine().answerOf("1").complete(FakeEngine.video("1", 1, 100));

        harness.getTaskMailbox().quiesce();

        assertThat(harness.answers()).hasSize(1);
        assertThat(sent()).containsExactly("1", "2");
    }

    @Test
    void anotherTenantsRequestStartsBeforeTheBurstThatArrivedEarlier() throws Exception {
        for (int i = 0; i < 50; i++) {
            harness.process(prompt("a" + i, "a"));
        }
        harness.process(prompt("b", "b"));

        answer("a0", "a1");

        assertThat(sent()).contains("b");
    }

    @Test
    void aTenantsHeaderWinsOverItsLabelAlsoAfterARestart() throws Exception {
        for (int i = 0; i < 50; i++) {
            harness.process(prompt("a" + i, "a"));
        }
        harness.process(withHeader(prompt("b", "a"), KafkaHeader.of("x-tenant", "b")));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness = open(WaitingHarness.limits(100, "none"), state);

        answer("a0", "a1");

        assertThat(sent()).contains("b");
    }

    @Test
    void waitingRequestsAndTheirOrderSurviveARestart() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"));
        for (int i = 10; i < 30; i++) {
            harness.setProcessingTime(i);
            harness.process(prompt("" + i, "a"));
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness = open(WaitingHarness.limits(100, "none"), state);

        assertThat(sent()).containsExactlyInAnyOrder("1", "2");
        answer("1", "2");
        for (int i = 10; i < 30; i++) {
            answer("" + i);
        }

        assertThat(harness.answers()).hasSize(22);
        assertThat(sent().subList(2, 22))
                .containsExactly(
                        "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25",
                        "26", "27", "28", "29");
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void twoSlotsAnswerWhatOneSlotLeftWaiting() throws Exception {
        for (int i = 0; i < 40; i++) {
            harness.process(prompt("" + i, "a"));
        }
        OperatorSubtaskState state = harness.snapshot(1, 1);
        close(harness);
        List<String> sent = new ArrayList<>();
        for (int slot = 0; slot < 2; slot++) {
            harness = open(
                    new WaitingHarness(EngineSet.of(engines), WaitingHarness.limits(100, "none"), 2, slot),
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(state, 128, 1, 2, slot));
            while (!engine().waiting.keySet().stream().allMatch(id -> sent.contains(id.value()))) {
                for (RequestId id : List.copyOf(engine().waiting.keySet())) {
                    if (!sent.contains(id.value())) {
                        sent.add(id.value());
                        answer(id.value());
                    }
                }
            }
            assertThat(harness.numKeyedStateEntries()).isZero();
        }

        assertThat(sent).doesNotHaveDuplicates().hasSize(40);
    }

    @Test
    void aTombstoneCancelsAWaitingRequest() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"), prompt("3", "a"), Events.tombstone("3"));

        assertThat(harness.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactly(tuple("3", "CANCELLED"));
        answer("1", "2");
        assertThat(sent()).containsExactly("1", "2");
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void aTombstoneCancelsARequestInFlight() throws Exception {
        harness.process(prompt("1", "a"), Events.tombstone("1"));

        assertThat(engine().cancelled).containsExactly(new RequestId("1"));
    }

    @Test
    void aDeadlineEndsAWaitingRequest() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"), prompt("3", "a", Instant.ofEpochMilli(5000)));
        harness.setProcessingTime(4999);
        assertThat(harness.failures()).isEmpty();

        harness.setProcessingTime(5000);

        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getRequestId()).isEqualTo("3");
            assertThat(failure.getCode()).isEqualTo("DEADLINE_EXCEEDED");
            assertThat(failure.getMessage()).contains("before its turn").contains("set a later deadline or none");
        });
    }

    @Test
    void theTimeThatARequestWaitsForItsTurnIsNotInferenceTime() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"), prompt("3", "a"));
        harness.setProcessingTime(GenerateHarness.TIMEOUT.toMillis() - 1);
        answer("1");
        harness.setProcessingTime(GenerateHarness.TIMEOUT.toMillis() + 1);
        answer("3");

        assertThat(harness.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactly(tuple("2", "INFERENCE_TIMEOUT"));
        assertThat(harness.answers()).hasSize(3);
    }

    @Test
    void theAnswerOfAPromptThatWaitedHasTheTimestampOfItsRecord() throws Exception {
        harness.setProcessingTime(1000);
        for (int i = 1; i <= 5; i++) {
            harness.processElement(prompt("" + i, "a"), 10L * i);
        }
        harness.processElement(Events.tombstone("5"), 60);
        harness.setProcessingTime(2000);
        harness = open(WaitingHarness.limits(100, "none"), harness.snapshot(1, 1));

        answer("1", "2", "3", "4");

        assertThat(harness.getRecordOutput())
                .extracting(StreamRecord::getTimestamp)
                .containsExactly(10L, 20L, 30L, 40L);
    }

    @Test
    void theFailureOfAPromptThatWaitedHasTheTimestampOfItsRecord() throws Exception {
        harness.setProcessingTime(1000);
        harness.processElement(prompt("1", "a"), 10);
        harness.processElement(prompt("2", "a"), 20);
        harness.processElement(prompt("3", "a"), 30);
        harness.processElement(prompt("4", "a", Instant.ofEpochMilli(1500)), 40);
        harness.processElement(Events.tombstone("3"), 50);

        harness.setProcessingTime(2000);

        assertThat(harness.getRecordOutput())
                .extracting(StreamRecord::getTimestamp)
                .containsExactly(30L, 40L);
    }

    @Test
    void aPromptBeyondItsTenantsQueueLimitFailsWithTheNumbers() throws Exception {
        harness = open(WaitingHarness.limits(100, "a=3"));
        for (int i = 0; i < 6; i++) {
            harness.process(prompt("a" + i, "a"), prompt("b" + i, "b"));
        }

        assertThat(harness.failures()).extracting(FailedPrompt::getRequestId).containsExactly("a4", "a5");
        assertThat(harness.failures()).allSatisfy(failure -> {
            assertThat(failure.getCode()).isEqualTo("QUOTA_EXCEEDED");
            assertThat(failure.getRetryable()).isTrue();
            assertThat(failure.getMessage())
                    .contains("tenant \"a\": 3 prompts wait")
                    .contains("the limit is 3");
        });
    }

    @Test
    void aPromptThatCannotBeDecodedFailsAtOnce() throws Exception {
        harness.process(prompt("1", "a"), prompt("2", "a"));

        harness.process(new KafkaEvent("zoetrope.prompts", 3, 7, null, new byte[] {1}, List.of(), "3"));

        assertThat(harness.failures()).extracting(FailedPrompt::getCode).containsExactly("INVALID_EVENT");
    }

    private static KafkaEvent withHeader(KafkaEvent event, KafkaHeader header) {
        return new KafkaEvent(
                event.topic(),
                event.partition(),
                event.offset(),
                event.key(),
                event.value(),
                List.of(header),
                event.requestId());
    }

    private KafkaEvent prompt(String requestId, String tenant, Instant... deadline) {
        RequestBuilder request = new RequestBuilder(requestId, "a red circle").label("tenant", tenant);
        for (Instant one : deadline) {
            request.deadline(one);
        }
        return event(request, requestId);
    }

    private void answer(String... requestIds) throws Exception {
        answer(harness, engines, requestIds);
    }

    private List<String> sent() {
        return sent(engines);
    }

    private WaitingHarness open(WaitingLimits limits, OperatorSubtaskState... state) throws Exception {
        if (harness != null) {
            close(harness);
        }
        return open(EngineSet.of(engines), limits, state);
    }

    private FakeEngine engine() {
        return engine(engines);
    }
}
