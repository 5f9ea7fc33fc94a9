package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OncePerRequestTest {
    private static final Duration RETENTION = Duration.ofHours(24);

    private KeyedOneInputStreamOperatorTestHarness<String, KafkaEvent, KafkaEvent> harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.setStateTtlProcessingTime(0);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void theFirstPromptOfEachRequestIsForwarded() throws Exception {
        KafkaEvent first = Events.prompt("request-1");
        KafkaEvent other = Events.prompt("request-2");

        process(first, Events.prompt("request-1"), other, Events.prompt("request-1"));

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(first, other);
        assertThat(harness.getSideOutput(Admit.FAILURES)).isNull();
    }

    @Test
    void duplicatesDoNotGrowTheState() throws Exception {
        process(Events.prompt("request-1"), Events.prompt("request-1"), Events.prompt("request-1"));

        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    @Test
    void anIdIsDroppedAfterTheRetentionAlsoIfDuplicatesArriveMeanwhile() throws Exception {
        KafkaEvent first = Events.prompt("request-1");
        KafkaEvent later = Events.prompt("request-1");
        process(first);
        harness.setStateTtlProcessingTime(RETENTION.toMillis() - 1);
        process(Events.prompt("request-1"));
        harness.setStateTtlProcessingTime(RETENTION.toMillis() + 1);

        process(later);

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(first, later);
    }

    @Test
    void idsSurviveARestart() throws Exception {
        process(Events.prompt("request-1"));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.setStateTtlProcessingTime(0);
        harness.initializeState(state);
        harness.open();

        process(Events.prompt("request-1"));

        assertThat(harness.extractOutputValues()).isEmpty();
    }

    @Test
    void aTombstoneAfterItsPromptIsForwarded() throws Exception {
        KafkaEvent prompt = Events.prompt("request-1");
        KafkaEvent tombstone = Events.tombstone("request-1");

        process(prompt, tombstone);

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(prompt, tombstone);
    }

    @Test
    void aPromptAfterItsTombstoneFailsOnceWithCancelled() throws Exception {
        process(Events.tombstone("request-1"), Events.prompt("request-1"), Events.prompt("request-1"));

        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(harness.getSideOutput(Admit.FAILURES)).hasSize(1);
        FailedPrompt failure = RecordCodec.FAILED_PROMPT.decode(
                harness.getSideOutput(Admit.FAILURES).element().getValue().value());
        assertThat(failure.getCode()).isEqualTo("CANCELLED");
        assertThat(failure.getRequestId()).isEqualTo("request-1");
        assertThat(failure.getLabels()).containsEntry("tenant", "a");
        assertThat(failure.getMessage())
                .isEqualTo(
                        "a tombstone for request-1 arrived before its prompt; send the prompt with a new request_id");
    }

    @Test
    void anAdmittedEventThatCannotBeDecodedIsAnsweredCancelledWithItsId() throws Exception {
        KafkaEvent undecodable =
                new KafkaEvent("zoetrope.prompts", 3, 42, null, new byte[] {1}, List.of(), "request-1");

        process(Events.tombstone("request-1"), undecodable);

        FailedPrompt failure = RecordCodec.FAILED_PROMPT.decode(
                harness.getSideOutput(Admit.FAILURES).element().getValue().value());
        assertThat(failure.getCode()).isEqualTo("CANCELLED");
        assertThat(failure.getRequestId()).isEqualTo("request-1");
    }

    private void process(KafkaEvent... events) throws Exception {
        for (KafkaEvent event : events) {
            harness.processElement(event, 0);
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, KafkaEvent, KafkaEvent> harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new OncePerRequest(RETENTION, Events.LIMITS, AnswerFormat.upTo(1 << 20))),
                new RequestKey(),
                Types.STRING);
    }
}
