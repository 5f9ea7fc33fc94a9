package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.schema.FailedPrompt;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tests delivery of the whole job with a real broker, a real cluster, and an engine that a prompt's text controls. */
class DeliveryIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @RegisterExtension
    private static final TestCluster servers = new TestCluster(2);

    private final AnswerAudit audit = new AnswerAudit();
    private TestTopics topics;
    private LocalCluster.@Nullable Job job;

    @BeforeEach
    void makeTopics() throws Exception {
        topics = new TestTopics(servers.bootstrapServers());
    }

    @AfterEach
    void stopTheJob() throws InterruptedException {
        if (job != null) {
            servers.flink().cancel(job);
        }
        topics.close();
    }

    @Test
    void aRestartTakesOverTheEngineAndTheEndOfTheJobClosesIt() throws Exception {
        start("--checkpoint-interval", "200 ms");
        publish("request-0", StubEngines.BREAK_ONCE);
        awaitAnswers(1);

        assertThat(StubEngines.opened(topics.prompts))
                .as("engines opened in two attempts of the job")
                .isEqualTo(1);
        assertThat(StubEngines.allClosed(topics.prompts)).isFalse();
        servers.flink().cancel(Objects.requireNonNull(job));
        job = null;
        // Sooner than the grace time of an engine ends.
        await("the engine of the job that has ended to be closed")
                .atMost(Duration.ofSeconds(20))
                .until(() -> StubEngines.allClosed(topics.prompts));
    }

    @Test
    void everyRequestIsAnsweredOnceEvenIfATaskFails() throws Exception {
        start("--checkpoint-interval", "200 ms", "--parallelism", "2");
        for (int i = 0; i < 300; i++) {
            String text = i % 100 == 50 ? StubEngines.BREAK_ONCE : i % 10 == 3 ? StubEngines.FAIL : "a red circle";
            publish("request-" + i, text);
        }

        awaitAnswers(300);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(topics.failures())
                .hasSize(30)
                .allMatch(failure -> failure.getCode().equals("ENCODE_FAILED"));
        for (VideoSegment segment : topics.segments()) {
            assertThat(segment.getPayload()).isEqualTo(ByteBuffer.wrap(StubEngines.payload(segment.getSeed(), 1000)));
        }
    }

    @Test
    void theAuditDetectsASinkThatRepeatsAnswers() throws Exception {
        start("--delivery", "at-least-once", "--checkpoint-interval", "1 h");
        // Flink completes its first checkpoint as soon as the job runs, and repeats no record from before it.
        await().atMost(TIMEOUT).ignoreException(IOException.class).until(() -> rest().completedCheckpoints() == 1);
        for (int i = 0; i < 20; i++) {
            publish("request-" + i, "a red circle");
        }
        awaitAnswers(20);

        publish("request-20", StubEngines.BREAK_ONCE);
        awaitAnswers(21 + 20);

        assertThat(audit.faults(topics.segments(), topics.failures()))
                .hasSize(20)
                .contains("request-0 was answered 2 times");
    }

    @Test
    void theAuditDetectsAMissingAnswer() throws Exception {
        audit.expect("request-0");

        assertThat(audit.faults(topics.segments(), topics.failures()))
                .containsExactly("request-0 was answered 0 times");
    }

    @Test
    void badEventsFailAloneWithTheirBytesAndOtherEventsAreAnswered() throws Exception {
        byte[] garbage = "no avro".getBytes(StandardCharsets.UTF_8);
        byte[] truncated = Arrays.copyOf(TestTopics.event("cut", "a red circle", Optional.empty()), 20);
        start("--checkpoint-interval", "200 ms");

        topics.publish("request-0", "a red circle");
        topics.send(TestTopics.key("bad-0"), garbage);
        topics.publish("request-1", "a red circle");
        topics.send(null, truncated);
        topics.send(null, null);
        topics.publish("request-2", " ");
        topics.send(null, TestTopics.event("request-3", "a red circle", Optional.empty()));
        awaitAnswers(7);

        assertThat(topics.segments())
                .extracting(VideoSegment::getRequestId)
                .containsExactlyInAnyOrder("request-0", "request-1", "request-3");
        assertThat(topics.failures())
                .extracting(
                        FailedPrompt::getCode, FailedPrompt::getRequestId, FailedPrompt::getKey, FailedPrompt::getValue)
                .containsExactlyInAnyOrder(
                        tuple(
                                "INVALID_EVENT",
                                null,
                                ByteBuffer.wrap(TestTopics.key("bad-0")),
                                ByteBuffer.wrap(garbage)),
                        tuple("INVALID_EVENT", null, null, ByteBuffer.wrap(truncated)),
                        tuple("INVALID_EVENT", null, null, null),
                        tuple(
                                "INVALID_EVENT",
                                "request-2",
                                ByteBuffer.wrap(TestTopics.key("request-2")),
                                ByteBuffer.wrap(TestTopics.event("request-2", " ", Optional.empty()))));
    }

    @Test
    void aVideoThatIsTooLargeForItsTopicFailsOnlyItsRequest() throws Exception {
        start("--checkpoint-interval", "200 ms");

        publish("request-0", "a red circle");
        publish("request-1", StubEngines.LARGE);
        publish("request-2", "a red circle");
        awaitAnswers(3);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(topics.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactly(tuple("request-1", "PAYLOAD_TOO_LARGE"));
    }

    @Test
    void traceHeadersAreCopiedToSegmentsAndFailuresEvenIfATaskFails() throws Exception {
        Header parent = header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        Header state = header("tracestate", "vendor=a");
        start("--checkpoint-interval", "200 ms");

        topics.publish("video", StubEngines.BREAK_ONCE, parent, state, header("tenant", "a"));
        topics.publish("failure", StubEngines.FAIL, parent, state);
        awaitAnswers(2);

        Map<String, Headers> headers = topics.headers();
        assertThat(headers.get("video")).startsWith(parent, state);
        assertThat(headers.get("failure")).startsWith(parent, state);
    }

    @Test
    void aRequestThatIsPublishedTwiceIsAnsweredOnce() throws Exception {
        start("--checkpoint-interval", "200 ms");

        publish("request-0", "a red circle");
        publish("request-0", "a red circle");
        publish("request-1", " ");
        publish("request-1", " ");
        awaitAnswers(2);
        publish("request-0", "a red circle");
        publish("last", "a red circle");
        awaitAnswers(3);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
    }

    @Test
    void aTombstoneCancelsAWaitingRequestAndALaterRequest() throws Exception {
        start("--checkpoint-interval", "200 ms");

        topics.cancel("request-0");
        publish("request-0", "a red circle");
        publish("request-1", StubEngines.WAIT);
        topics.cancel("request-1");
        awaitAnswers(2);
        topics.cancel("request-1");
        publish("last", "a red circle");
        awaitAnswers(3);

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(topics.failures())
                .extracting(FailedPrompt::getRequestId, FailedPrompt::getCode)
                .containsExactlyInAnyOrder(tuple("request-0", "CANCELLED"), tuple("request-1", "CANCELLED"));
    }

    @Test
    void metricsAreReadThroughFlinksRestApiFromEverySubtask() throws Exception {
        start("--checkpoint-interval", "200 ms", "--parallelism", "2");
        for (int i = 0; i < 20; i++) {
            publish("request-" + i, "a red circle");
        }
        publish("request-0", "a red circle");
        awaitAnswers(20);

        await().atMost(TIMEOUT).untilAsserted(() -> {
            assertThat(rest().metrics("zoetrope.device.cuda_0.sessions")).containsExactly(3, 3);
            assertThat(rest().metrics("zoetrope.videos")).hasSize(2).matches(values -> sum(values) == 20);
            assertThat(rest().metrics("zoetrope.duplicates")).hasSize(2).matches(values -> sum(values) == 1);
        });
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private FlinkRest rest() throws InterruptedException {
        return new FlinkRest(
                servers.flink().webUi() + "/jobs/" + Objects.requireNonNull(job).id());
    }

    private static int sum(List<? extends Integer> values) {
        return values.stream().mapToInt(Integer::intValue).sum();
    }

    private void publish(String requestId, String text) throws Exception {
        audit.expect(requestId);
        topics.publish(requestId, text);
    }

    private void awaitAnswers(int count) {
        topics.awaitAnswers(count, TIMEOUT);
    }

    private void start(String... options) throws InterruptedException {
        StreamExecutionEnvironment env = servers.flink().environment();
        VideoPipeline.assemble(env, config(options), EngineSet.of(new StubEngines(topics.prompts)));
        job = servers.flink().run(env, topics.prompts);
    }

    private JobConfig config(String... options) {
        return JobConfig.read(
                List.of(new Setting("bundle", "none", "the test")), Optional.empty(), topics.options(options));
    }
}
