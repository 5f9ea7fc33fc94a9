package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.RecordCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GenerateTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final int MAX_PAYLOAD = 8192;

    private final FakeEngine.Factory engines =
            new FakeEngine.Factory(UUID.randomUUID().toString());
    private OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness(engines);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void aVideoBecomesItsSegmentsInOrder() throws Exception {
        process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 3, 100));

        assertThat(answers()).allMatch(answer -> answer.kind() == KafkaAnswer.Kind.VIDEO);
        assertThat(answers()).allSatisfy(answer -> assertThat(answer.key()).isEqualTo(Events.key("request-1")));
        assertThat(segments())
                .extracting(VideoSegment::getRequestId, VideoSegment::getIndex, VideoSegment::getLast)
                .containsExactly(
                        tuple("request-1", 0, false), tuple("request-1", 1, false), tuple("request-1", 2, true));
    }

    @Test
    void aTraceIsOnEverySegmentAndOnTheFailure() throws Exception {
        KafkaHeader parent = KafkaHeader.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        KafkaHeader state = KafkaHeader.of("tracestate", "vendor=a");
        process(
                Events.traced(Events.prompt("request-1"), parent, state),
                Events.traced(Events.prompt("request-2"), parent, state));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 2, 100));
        engine().answerOf("request-2").completeExceptionally(new IllegalStateException("planted"));

        assertThat(answers())
                .hasSize(3)
                .allSatisfy(answer -> assertThat(answer.headers())
                        .usingRecursiveFieldByFieldElementComparator()
                        .startsWith(parent, state));
    }

    @Test
    void aTraceOutlivesARestart() throws Exception {
        KafkaHeader parent = KafkaHeader.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        process(Events.traced(Events.prompt("request-1"), parent));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness(engines);
        harness.initializeState(state);
        harness.open();

        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

        assertThat(answers())
                .singleElement()
                .satisfies(answer -> assertThat(answer.headers())
                        .usingRecursiveFieldByFieldElementComparator()
                        .containsExactly(parent));
    }

    @Test
    void aFaultCostsItsRequestAlone() throws Exception {
        process(Events.prompt("request-1"), Events.prompt("request-2"), Events.prompt("request-3"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        engine().answerOf("request-2")
                .completeExceptionally(new RequestException(FailureCode.ENCODE_FAILED, "encode", "the codec refused"));
        engine().answerOf("request-3").complete(FakeEngine.video("request-3", 1, 100));

        assertThat(segments()).extracting(VideoSegment::getRequestId).containsExactly("request-1", "request-3");
        assertThat(failures())
                .extracting(
                        FailedPrompt::getRequestId,
                        FailedPrompt::getCode,
                        FailedPrompt::getStage,
                        FailedPrompt::getMessage)
                .containsExactly(tuple("request-2", "ENCODE_FAILED", "encode", "the codec refused"));
    }

    @Test
    void anUnknownExceptionIsAnInferenceFailureWithItsValues() throws Exception {
        process(Events.prompt("request-1"));
        engine().answerOf("request-1").completeExceptionally(new IllegalStateException("planted"));

        assertThat(failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("INFERENCE_FAILED");
            assertThat(failure.getMessage()).contains("planted");
            assertThat(failure.getRetryable()).isTrue();
            assertThat(failure.getLabels()).containsEntry("tenant", "a");
        });
    }

    @Test
    void whatTheModelCannotDoNeverReachesTheEngine() throws Exception {
        process(
                Events.prompt("request-1", "a red circle", Optional.of("another-model")),
                Events.prompt("request-2", "  ", Optional.empty()),
                Events.promptDue("request-3", Instant.EPOCH));

        assertThat(engine().waiting).isEmpty();
        assertThat(failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode, FailedPrompt::getStage)
                .containsExactly(
                        tuple("request-1", "UNKNOWN_MODEL", "admit"),
                        tuple("request-2", "INVALID_EVENT", "admit"),
                        tuple("request-3", "DEADLINE_EXCEEDED", "admit"));
    }

    @Test
    void aSegmentThatItsTopicWouldRefuseIsAFailureOfTheWholeVideo() throws Exception {
        process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 2, MAX_PAYLOAD));

        assertThat(segments()).isEmpty();
        assertThat(failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("PAYLOAD_TOO_LARGE");
            assertThat(failure.getMessage()).contains("a record may have 8192").contains("raise max-payload-bytes");
        });
    }

    @Test
    void aFailureThatItsTopicWouldRefuseLeavesTheEventOut() throws Exception {
        process(Events.prompt("request-1", "x".repeat(MAX_PAYLOAD), Optional.of("another-model")));

        assertThat(answers().get(0).value().length).isLessThan(MAX_PAYLOAD);
        assertThat(failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("UNKNOWN_MODEL");
            assertThat(failure.getValue()).isNull();
            assertThat(failure.getMessage()).contains("read them at the source offset");
            assertThat(failure.getOffset()).isEqualTo(42);
        });
    }

    @Test
    void aMessageThatQuotesTooMuchIsCut() throws Exception {
        process(Events.prompt("request-1", "a red circle", Optional.of("m".repeat(2000))));

        assertThat(failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getMessage()).hasSize(1001).endsWith("…");
            assertThat(failure.getValue()).isNotNull();
        });
    }

    @Test
    void aTombstoneCancelsWhatIsInFlight() throws Exception {
        process(Events.prompt("request-1"), Events.tombstone("request-1"));

        assertThat(engine().cancelled).containsExactly(new RequestId("request-1"));
        assertThat(failures()).extracting(FailedPrompt::getCode).containsExactly("CANCELLED");
    }

    @Test
    void aTombstoneAfterTheAnswerChangesNothing() throws Exception {
        process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

        process(Events.tombstone("request-1"));

        assertThat(answers()).hasSize(1);
    }

    @Test
    void anAnswerThatDoesNotComeIsATimeoutAndALateOneIsDropped() throws Exception {
        process(Events.prompt("request-1"));
        harness.setProcessingTime(TIMEOUT.toMillis() + 1);

        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

        assertThat(failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("INFERENCE_TIMEOUT");
            assertThat(failure.getMessage())
                    .isEqualTo("no answer came within 600000 ms; raise inference-timeout, or lower the load");
        });
        assertThat(engine().cancelled).containsExactly(new RequestId("request-1"));
    }

    @Test
    void whatWasInFlightAtACheckpointIsAskedAgainAfterARestart() throws Exception {
        process(Events.prompt("request-1"), Events.prompt("request-2"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        assertThat(segments()).hasSize(1);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();

        harness = harness(engines);
        harness.initializeState(state);
        harness.open();

        assertThat(engines.opened()).hasSize(2);
        assertThat(engine().waiting.keySet()).containsExactly(new RequestId("request-2"));
    }

    @Test
    void anEngineThatCannotBeOpenedFailsTheJobForGood() throws Exception {
        try (var broken = harness(FakeEngine.Factory.broken("broken"))) {
            assertThatThrownBy(broken::open)
                    .isInstanceOf(SuppressRestartsException.class)
                    .hasStackTraceContaining("the device is gone");
        }
    }

    @Test
    void aClosedEngineFailsTheTaskAndKeepsTheRequest() throws Exception {
        process(Events.prompt("request-1"));
        engine().answerOf("request-1").completeExceptionally(new RejectedExecutionException("the lane is closed"));

        assertThatThrownBy(this::answers)
                .hasStackTraceContaining("the engine failed, so that no request can be answered");

        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness(engines);
        harness.initializeState(state);
        harness.open();
        assertThat(engine().waiting.keySet()).containsExactly(new RequestId("request-1"));
    }

    private FakeEngine engine() {
        return engines.opened().get(engines.opened().size() - 1);
    }

    private void process(KafkaEvent... events) throws Exception {
        for (KafkaEvent event : events) {
            harness.processElement(event, 0);
        }
    }

    /** What came out so far; completions lie in the mailbox until somebody looks. */
    private List<KafkaAnswer> answers() throws Exception {
        TaskMailbox mailbox = harness.getTaskMailbox();
        for (var mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY);
                mail.isPresent();
                mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY)) {
            mail.get().run();
        }
        return harness.extractOutputValues();
    }

    private List<VideoSegment> segments() throws Exception {
        List<VideoSegment> segments = new ArrayList<>();
        for (KafkaAnswer answer : answers()) {
            if (answer.kind() == KafkaAnswer.Kind.VIDEO) {
                segments.add(RecordCodec.VIDEO_SEGMENT.decode(answer.value()));
            }
        }
        return segments;
    }

    private List<FailedPrompt> failures() throws Exception {
        List<FailedPrompt> failures = new ArrayList<>();
        for (KafkaAnswer answer : answers()) {
            if (answer.kind() == KafkaAnswer.Kind.FAILURE) {
                failures.add(RecordCodec.FAILED_PROMPT.decode(answer.value()));
            }
        }
        return failures;
    }

    private static OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> harness(EngineFactory engines)
            throws Exception {
        return new OneInputStreamOperatorTestHarness<>(
                new AsyncWaitOperatorFactory<>(
                        new Generate(engines, TIMEOUT, MAX_PAYLOAD),
                        TIMEOUT.toMillis(),
                        16,
                        AsyncDataStream.OutputMode.UNORDERED),
                TypeInformation.of(KafkaEvent.class).createSerializer(new ExecutionConfig().getSerializerConfig()));
    }
}
