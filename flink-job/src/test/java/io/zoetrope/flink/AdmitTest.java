package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.wire.RecordCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdmitTest {
    private OneInputStreamOperatorTestHarness<KafkaEvent, KafkaEvent> harness;

    @BeforeEach
    void open() throws Exception {
        harness = ProcessFunctionTestHarnesses.forProcessFunction(new Admit(AnswerFormat.upTo(1 << 20)));
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void aReadableEventIsForwardedUnchangedWithItsRequestId() throws Exception {
        KafkaEvent keyed = Events.prompt("request-1");
        KafkaEvent keyless = Events.event(null, Events.value("request-2"));
        KafkaEvent tombstone = Events.tombstone("request-3");

        process(keyed, keyless, tombstone);

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(keyed.admitted(), keyless.admitted(), tombstone.admitted());
        assertThat(failures()).isEmpty();
    }

    @Test
    void theKeySelectorReturnsTheRequestIdBesideTheEventWithoutDecodingIt() throws Exception {
        KafkaEvent unreadable = new KafkaEvent("zoetrope.prompts", 3, 42, null, new byte[] {1}, List.of(), "request-1");

        assertThat(new RequestKey().getKey(unreadable)).isEqualTo("request-1");
    }

    @Test
    void aBadEventBetweenGoodOnesFailsAloneWithItsBytesAndItsPosition() throws Exception {
        byte[] key = {0, (byte) 0xFF};
        byte[] value = {1, 2, 3};
        KafkaEvent before = Events.prompt("request-1");
        KafkaEvent after = Events.prompt("request-2");

        process(before, Events.event(key, value), after);

        assertThat(harness.extractOutputValues())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(before.admitted(), after.admitted());
        FailedPrompt failure = onlyFailure();
        assertThat(failure.getCode()).isEqualTo("INVALID_EVENT");
        assertThat(failure.getRequestId()).isNull();
        assertThat(failure.getKey()).isEqualTo(ByteBuffer.wrap(key));
        assertThat(failure.getValue()).isEqualTo(ByteBuffer.wrap(value));
        assertThat(failure.getTopic()).isEqualTo("zoetrope.prompts");
        assertThat(failure.getPartition()).isEqualTo(3);
        assertThat(failure.getOffset()).isEqualTo(42);
    }

    @Test
    void headersFollowTheDeadLetterConventionAndThenThatOfCloudEvents() throws Exception {
        process(Events.event(null, new byte[] {1}));

        KafkaAnswer answer = failures().get(0);
        assertThat(answer.kind()).isEqualTo(KafkaAnswer.Kind.FAILURE);
        assertThat(answer.key()).isNull();
        assertThat(answer.headers())
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactly(
                        KafkaHeader.of("__connect.errors.topic", "zoetrope.prompts"),
                        KafkaHeader.of("__connect.errors.partition", "3"),
                        KafkaHeader.of("__connect.errors.offset", "42"),
                        KafkaHeader.of("__connect.errors.stage", "admit"),
                        KafkaHeader.of(
                                "__connect.errors.exception.message",
                                onlyFailure().getMessage()),
                        KafkaHeader.of("ce_specversion", "1.0"),
                        KafkaHeader.of("ce_id", "zoetrope.prompts-3@42"),
                        KafkaHeader.of("ce_source", "/zoetrope/"),
                        KafkaHeader.of("ce_type", "io.zoetrope.failed-prompt.v1"),
                        KafkaHeader.of("ce_time", onlyFailure().getFailedAt().toString()),
                        KafkaHeader.of("content-type", "application/avro"));
    }

    @Test
    void theErrorForAKeyThatDiffersFromTheRequestIdNamesBoth() throws Exception {
        process(Events.event(Events.key("other"), Events.value("request-1")));

        assertThat(onlyFailure().getMessage())
                .isEqualTo("the record's key is 0x6f74686572, its request_id is request-1; use the request_id in UTF-8"
                        + " as the key, or no key");
    }

    @Test
    void anEmptyRequestIdAndATooLongOneAreRefused() throws Exception {
        process(Events.event(null, Events.value("")), Events.event(null, Events.value("x".repeat(129))));

        assertThat(failures()).hasSize(2);
        assertThat(failure(0).getMessage()).contains("expected 1 to 128 characters, got 0");
        assertThat(failure(1).getMessage()).contains("expected 1 to 128 characters, got 129");
    }

    @Test
    void anEmptyValueIsNotATombstone() throws Exception {
        process(Events.event(Events.key("request-1"), new byte[0]));

        assertThat(onlyFailure().getMessage())
                .isEqualTo("an empty value is not a tombstone; to cancel, send a null value, not an empty one");
    }

    @Test
    void aTombstoneWithoutAReadableKeyIsRefused() throws Exception {
        process(Events.event(null, null), Events.event(new byte[] {(byte) 0xFF}, null));

        assertThat(failure(0).getMessage()).startsWith("the record has neither key nor value");
        assertThat(failure(1).getMessage()).startsWith("the key 0xff is not UTF-8");
    }

    private void process(KafkaEvent... events) throws Exception {
        for (KafkaEvent event : events) {
            harness.processElement(event, 0);
        }
    }

    private List<KafkaAnswer> failures() {
        List<KafkaAnswer> failures = new ArrayList<>();
        var side = harness.getSideOutput(Admit.FAILURES);
        if (side != null) {
            side.forEach(record -> failures.add(record.getValue()));
        }
        return failures;
    }

    private FailedPrompt onlyFailure() throws Exception {
        assertThat(failures()).hasSize(1);
        return failure(0);
    }

    private FailedPrompt failure(int index) throws Exception {
        return RecordCodec.FAILED_PROMPT.decode(failures().get(index).value());
    }
}
