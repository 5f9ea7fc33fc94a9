package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.zoetrope.engine.UnusableModelException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.flink.streaming.util.OperatorSnapshotUtil;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerateTest {
    private final FakeEngine.Factory engines =
            new FakeEngine.Factory(UUID.randomUUID().toString());
    private GenerateHarness harness;

    @BeforeEach
    void open() throws Exception {
        harness = new GenerateHarness(engines);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void aVideoBecomesItsSegmentsInOrder() throws Exception {
        harness.process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 3, 100));

        assertThat(harness.answers()).allMatch(answer -> answer.kind() == KafkaAnswer.Kind.VIDEO);
        assertThat(harness.answers())
                .allSatisfy(answer -> assertThat(answer.key()).isEqualTo(Events.key("request-1")));
        assertThat(harness.segments())
                .extracting(VideoSegment::getRequestId, VideoSegment::getIndex, VideoSegment::getLast)
                .containsExactly(
                        tuple("request-1", 0, false), tuple("request-1", 1, false), tuple("request-1", 2, true));
    }

    @Test
    void everySegmentAndTheFailureHaveTheTraceHeaders() throws Exception {
        KafkaHeader parent = KafkaHeader.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        KafkaHeader state = KafkaHeader.of("tracestate", "vendor=a");
        harness.process(
                Events.traced(Events.prompt("request-1"), parent, state),
                Events.traced(Events.prompt("request-2"), parent, state));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 2, 100));
        engine().answerOf("request-2").completeExceptionally(new IllegalStateException("planted"));

        assertThat(harness.answers())
                .hasSize(3)
                .allSatisfy(answer -> assertThat(answer.headers())
                        .usingRecursiveFieldByFieldElementComparator()
                        .startsWith(parent, state));
    }

    @Test
    void theTraceHeadersSurviveARestart() throws Exception {
        KafkaHeader parent = KafkaHeader.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        harness.process(Events.traced(Events.prompt("request-1"), parent));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = new GenerateHarness(engines);
        harness.initializeState(state);
        harness.open();

        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

        assertThat(harness.answers())
                .singleElement()
                .satisfies(answer -> assertThat(answer.headers())
                        .usingRecursiveFieldByFieldElementComparator()
                        .startsWith(parent));
    }

    @Test
    void requestsInFlightInStateThatHasNoRequestIdsAreAnswered() throws Exception {
        harness.close();
        harness = new GenerateHarness(engines);
        harness.initializeState(OperatorSnapshotUtil.readStateHandle(Path.of(getClass()
                        .getResource("generate-without-request-id.state")
                        .toURI())
                .toString()));
        harness.open();

        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        engine().answerOf("request-2").completeExceptionally(new IllegalStateException("planted"));

        assertThat(harness.segments()).extracting(VideoSegment::getRequestId).containsExactly("request-1");
        assertThat(harness.failures()).extracting(FailedPrompt::getRequestId).containsExactly("request-2");
    }

    @Test
    void aFaultFailsOnlyItsRequest() throws Exception {
        harness.process(Events.prompt("request-1"), Events.prompt("request-2"), Events.prompt("request-3"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        engine().answerOf("request-2")
                .completeExceptionally(new RequestException(FailureCode.ENCODE_FAILED, "encode", "the codec refused"));
        engine().answerOf("request-3").complete(FakeEngine.video("request-3", 1, 100));

        assertThat(harness.segments()).extracting(VideoSegment::getRequestId).containsExactly("request-1", "request-3");
        assertThat(harness.failures())
                .extracting(
                        FailedPrompt::getRequestId,
                        FailedPrompt::getCode,
                        FailedPrompt::getStage,
                        FailedPrompt::getMessage)
                .containsExactly(tuple("request-2", "ENCODE_FAILED", "encode", "the codec refused"));
    }

    @Test
    void anUnknownExceptionBecomesAnInferenceFailureWithItsMessage() throws Exception {
        harness.process(Events.prompt("request-1"));
        engine().answerOf("request-1").completeExceptionally(new IllegalStateException("planted"));

        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("INFERENCE_FAILED");
            assertThat(failure.getMessage()).contains("planted");
            assertThat(failure.getRetryable()).isTrue();
            assertThat(failure.getLabels()).containsEntry("tenant", "a");
        });
    }

    @Test
    void anInvalidRequestIsNotSentToTheEngine() throws Exception {
        harness.process(
                Events.prompt("request-1", "a red circle", Optional.of("another-model")),
                Events.prompt("request-2", "  ", Optional.empty()),
                Events.promptDue("request-3", Instant.EPOCH));

        assertThat(engine().waiting).isEmpty();
        assertThat(harness.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode, FailedPrompt::getStage)
                .containsExactly(
                        tuple("request-1", "UNKNOWN_MODEL", "admit"),
                        tuple("request-2", "INVALID_EVENT", "admit"),
                        tuple("request-3", "DEADLINE_EXCEEDED", "admit"));
    }

    @Test
    void aSegmentThatIsTooLargeForItsTopicFailsTheWholeVideo() throws Exception {
        harness.process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 2, GenerateHarness.MAX_PAYLOAD));

        assertThat(harness.segments()).isEmpty();
        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("PAYLOAD_TOO_LARGE");
            assertThat(failure.getMessage())
                    .contains("the limit of a record is 8192")
                    .contains("raise max-payload-bytes");
        });
    }

    @Test
    void aFailureThatIsTooLargeForItsTopicLeavesOutTheEvent() throws Exception {
        harness.process(
                Events.prompt("request-1", "x".repeat(GenerateHarness.MAX_PAYLOAD), Optional.of("another-model")));

        assertThat(harness.answers().get(0).value().length).isLessThan(GenerateHarness.MAX_PAYLOAD);
        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("UNKNOWN_MODEL");
            assertThat(failure.getValue()).isNull();
            assertThat(failure.getMessage()).contains("read them at the source offset");
            assertThat(failure.getOffset()).isEqualTo(42);
        });
    }

    @Test
    void aMessageThatQuotesALongInputIsTruncated() throws Exception {
        harness.process(Events.prompt("request-1", "a red circle", Optional.of("m".repeat(2000))));

        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getMessage()).hasSize(1001).endsWith("…");
            assertThat(failure.getValue()).isNotNull();
        });
    }

    @Test
    void aTombstoneCancelsARequestInFlight() throws Exception {
        harness.process(Events.prompt("request-1"), Events.tombstone("request-1"));

        assertThat(engine().cancelled).containsExactly(new RequestId("request-1"));
        assertThat(harness.failures()).extracting(FailedPrompt::getCode).containsExactly("CANCELLED");
    }

    @Test
    void aTombstoneAfterTheAnswerChangesNothing() throws Exception {
        harness.process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

        harness.process(Events.tombstone("request-1"));

        assertThat(harness.answers()).hasSize(1);
    }

    @Test
    void aRequestWithoutAnAnswerTimesOutAndALateAnswerIsDropped() throws Exception {
        harness.process(Events.prompt("request-1"));
        harness.setProcessingTime(GenerateHarness.TIMEOUT.toMillis() + 1);

        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));

        assertThat(harness.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.getCode()).isEqualTo("INFERENCE_TIMEOUT");
            assertThat(failure.getMessage())
                    .isEqualTo("there was no answer within 600000 ms; raise inference-timeout, or lower the load");
        });
        assertThat(engine().cancelled).containsExactly(new RequestId("request-1"));
    }

    @Test
    void aTimeoutLeavesALaterRequestWithTheSameId() throws Exception {
        harness.process(Events.prompt("request-1"));
        harness.setProcessingTime(GenerateHarness.TIMEOUT.toMillis() - 1);
        harness.process(Events.prompt("request-1"));

        harness.setProcessingTime(GenerateHarness.TIMEOUT.toMillis() + 1);

        assertThat(harness.failures()).extracting(FailedPrompt::getCode).containsExactly("INFERENCE_TIMEOUT");
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        assertThat(harness.segments()).hasSize(1);
    }

    @Test
    void requestsInFlightAtACheckpointAreSentAgainAfterARestart() throws Exception {
        harness.process(Events.prompt("request-1"), Events.prompt("request-2"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        assertThat(harness.segments()).hasSize(1);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        engine().waiting.clear();

        harness = new GenerateHarness(engines);
        harness.initializeState(state);
        harness.open();

        assertThat(engines.opened()).as("engines opened by both runs").hasSize(1);
        assertThat(engine().waiting.keySet()).containsExactly(new RequestId("request-2"));
    }

    @Test
    void aModelThatNoProcessCanOpenFailsTheJobWithoutRestarts() throws Exception {
        Exception fault = new UnusableModelException(new IllegalStateException("the graph has no output"));
        try (var broken = new GenerateHarness(FakeEngine.Factory.broken("unusable", fault))) {
            assertThatThrownBy(broken::open)
                    .isInstanceOf(SuppressRestartsException.class)
                    .hasStackTraceContaining("the graph has no output");
        }
    }

    @Test
    void anEngineThatThisProcessCannotOpenNowRestartsTheJob() throws Exception {
        Exception fault = new IllegalStateException("the device is busy");
        try (var broken = new GenerateHarness(FakeEngine.Factory.broken("broken", fault))) {
            assertThatThrownBy(broken::open).isSameAs(fault);
        }
    }

    @Test
    void aClosedEngineFailsTheTaskAndKeepsTheRequest() throws Exception {
        harness.process(Events.prompt("request-1"));
        engine().answerOf("request-1").completeExceptionally(new RejectedExecutionException("the lane is closed"));

        assertThatThrownBy(harness::answers)
                .hasStackTraceContaining("the event at zoetrope.prompts-3@42 could not be answered")
                .hasStackTraceContaining("the engine failed, so that no request can be answered");

        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = new GenerateHarness(engines);
        harness.initializeState(state);
        harness.open();
        assertThat(engine().waiting.keySet()).containsExactly(new RequestId("request-1"));
    }

    @Test
    void aPayloadThatIsTooLargeForItsRecordIsInTheFolderWhenItsRecordIsEmitted(@TempDir Path folder) throws Exception {
        reopen(folder);
        harness.process(Events.prompt("request-1"));
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 2, GenerateHarness.MAX_PAYLOAD));

        await().pollInSameThread().until(() -> !harness.segments().isEmpty());
        assertThat(harness.segments()).hasSize(2).allSatisfy(segment -> {
            assertThat(segment.getPayload()).isNull();
            assertThat(Path.of(URI.create(segment.getPayloadUri()))).hasSize(GenerateHarness.MAX_PAYLOAD);
        });
    }

    @Test
    void aPayloadThatCannotBeStoredFailsTheTaskAndKeepsTheRequest(@TempDir Path parent) throws Exception {
        Path folder = parent.resolve("payloads");
        reopen(folder);
        harness.process(Events.prompt("request-1"));
        FileUtils.deleteDirectory(folder.toFile());
        Files.createFile(folder);
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, GenerateHarness.MAX_PAYLOAD));

        await().pollInSameThread()
                .untilAsserted(() -> assertThatThrownBy(harness::answers)
                        .hasStackTraceContaining("the event at zoetrope.prompts-3@42 could not be answered")
                        .hasStackTraceContaining("the payload file://" + folder)
                        .hasStackTraceContaining("check that the store of payload-folder answers"));

        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        Files.delete(folder);
        harness = new GenerateHarness(engines, claims(folder));
        harness.initializeState(state);
        harness.open();
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, GenerateHarness.MAX_PAYLOAD));
        await().pollInSameThread().until(() -> !harness.segments().isEmpty());
    }

    private void reopen(Path folder) throws Exception {
        harness.close();
        harness = new GenerateHarness(engines, claims(folder));
        harness.open();
    }

    private static ClaimCheck claims(Path folder) {
        return new ClaimCheck(PayloadFolder.of(folder.toString()), 100, Duration.ofMinutes(1));
    }

    private FakeEngine engine() {
        return engines.opened().get(engines.opened().size() - 1);
    }
}
