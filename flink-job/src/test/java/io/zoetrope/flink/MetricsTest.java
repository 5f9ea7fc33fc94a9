package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.DeviceGauges.BatchChoice;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The job's metrics, as its three operators register them. */
class MetricsTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final int MAX_PAYLOAD = 8192;

    private final FakeEngine.Factory engines =
            new FakeEngine.Factory(UUID.randomUUID().toString());
    private final RecordedMetrics ofAdmit = new RecordedMetrics();
    private final RecordedMetrics ofOnce = new RecordedMetrics();
    private final RecordedMetrics ofGenerate = new RecordedMetrics();
    private OneInputStreamOperatorTestHarness<KafkaEvent, KafkaEvent> admit;
    private KeyedOneInputStreamOperatorTestHarness<String, KafkaEvent, KafkaEvent> once;
    private OneInputStreamOperatorTestHarness<KafkaEvent, KafkaAnswer> generate;

    @BeforeEach
    void open() throws Exception {
        TypeSerializer<KafkaEvent> events =
                TypeInformation.of(KafkaEvent.class).createSerializer(new ExecutionConfig().getSerializerConfig());
        admit = new OneInputStreamOperatorTestHarness<>(
                new ProcessOperator<>(new Admit(MAX_PAYLOAD)), events, ofAdmit.environment());
        once = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new OncePerRequest(Duration.ofHours(24), MAX_PAYLOAD)),
                new RequestKey(),
                Types.STRING,
                ofOnce.environment());
        generate = new OneInputStreamOperatorTestHarness<>(
                new AsyncWaitOperatorFactory<>(
                        new Generate(engines, TIMEOUT, MAX_PAYLOAD),
                        TIMEOUT.toMillis(),
                        16,
                        AsyncDataStream.OutputMode.UNORDERED),
                events,
                ofGenerate.environment());
        admit.open();
        once.open();
        generate.open();
    }

    @AfterEach
    void close() throws Exception {
        admit.close();
        once.close();
        generate.close();
    }

    @Test
    void theDocumentationListsExactlyTheMetricsThatAreRegistered() throws Exception {
        engine().gauges.choices.add(new BatchChoice("text", "32", 8, Map.of(8, ms(9))));
        answer("request-1");

        Map<String, String> registered = new TreeMap<>();
        ofAdmit.types().forEach((name, type) -> register(registered, name, type, "admit"));
        ofOnce.types().forEach((name, type) -> register(registered, name, type, "once per request"));
        ofGenerate.types().forEach((name, type) -> register(registered, name, type, "generate"));

        Map<String, String> documented = Files.readAllLines(Path.of("../docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| "))
                .collect(Collectors.toMap(
                        cells -> cells[0] + " | " + cells[1],
                        cells -> cells[3].replaceAll(", each (subtask|process)$", ""),
                        (a, b) -> a + " and again " + b,
                        TreeMap::new));

        assertThat(documented).as("docs/metrics.md").isEqualTo(registered);
    }

    private static void register(Map<String, String> table, String name, String type, String operator) {
        table.merge("| `" + name + "` | " + type, operator, (before, another) -> before + ", " + another);
    }

    @Test
    void duplicatesAreCounted() throws Exception {
        once.processElement(Events.prompt("request-1"), 0);
        once.processElement(Events.prompt("request-2"), 0);
        assertThat(ofOnce.count("duplicates")).isZero();

        once.processElement(Events.prompt("request-1"), 0);
        once.processElement(Events.prompt("request-1"), 0);
        once.processElement(Events.tombstone("request-1"), 0);

        assertThat(ofOnce.count("duplicates")).isEqualTo(2);
    }

    @Test
    void failuresAreCountedByCodeWhereTheyHappen() throws Exception {
        admit.processElement(Events.event(null, new byte[] {1}), 0);
        once.processElement(Events.tombstone("request-1"), 0);
        once.processElement(Events.prompt("request-1"), 0);
        generate.processElement(Events.prompt("request-2"), 0);
        engine().answerOf("request-2").completeExceptionally(new IllegalStateException("planted"));
        generate.processElement(Events.promptDue("request-3", Instant.EPOCH), 0);
        generate.processElement(Events.prompt("request-4"), 0);
        engine().answerOf("request-4").complete(FakeEngine.video("request-4", 1, MAX_PAYLOAD));
        runMail();

        assertThat(ofAdmit.count("code", "INVALID_EVENT", "failures")).isEqualTo(1);
        assertThat(ofOnce.count("code", "CANCELLED", "failures")).isEqualTo(1);
        assertThat(ofGenerate.count("code", "INFERENCE_FAILED", "failures")).isEqualTo(1);
        assertThat(ofGenerate.count("code", "DEADLINE_EXCEEDED", "failures")).isEqualTo(1);
        assertThat(ofGenerate.count("code", "PAYLOAD_TOO_LARGE", "failures")).isEqualTo(1);
        assertThat(ofGenerate.count("code", "INVALID_EVENT", "failures")).isZero();
        assertThat(ofGenerate.count("videos")).isZero();
    }

    @Test
    void aVideoIsCountedWithItsFramesItsBatchAndItsTimes() throws Exception {
        generate.processElement(Events.prompt("request-1"), 0);
        Video video = FakeEngine.video("request-1", 2, 100);
        engine().answerOf("request-1")
                .complete(new Video(
                        video.prompt(),
                        video.segments(),
                        video.model(),
                        video.modelDigest(),
                        video.sampler(),
                        new Timings(ms(1), ms(2), ms(30), ms(40), ms(5)),
                        6,
                        video.createdAt()));
        runMail();

        assertThat(ofGenerate.count("videos")).isEqualTo(1);
        assertThat(ofGenerate.count("frames")).isEqualTo(34);
        assertThat(mean("batchSize")).isEqualTo(6);
        assertThat(mean("queueMs")).isEqualTo(1);
        assertThat(mean("textMs")).isEqualTo(2);
        assertThat(mean("generateMs")).isEqualTo(30);
        assertThat(mean("decodeMs")).isEqualTo(40);
        assertThat(mean("encodeMs")).isEqualTo(5);
    }

    @Test
    void whatComesAfterATimeoutIsNotCounted() throws Exception {
        generate.processElement(Events.prompt("request-1"), 0);
        generate.setProcessingTime(TIMEOUT.toMillis() + 1);
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        runMail();

        assertThat(ofGenerate.count("code", "INFERENCE_TIMEOUT", "failures")).isEqualTo(1);
        assertThat(ofGenerate.count("code", "CANCELLED", "failures")).isZero();
        assertThat(ofGenerate.count("videos")).isZero();
    }

    @Test
    void theEngineIsShownAsItStands() {
        assertThat(ofGenerate.gauge("inFlight")).isEqualTo(5);
        assertThat(ofGenerate.gauge("device", "cuda:0", "busyRatio")).isEqualTo(0.75);
        assertThat(ofGenerate.gauge("device", "cuda:0", "busyMs")).isEqualTo(30_000L);
        assertThat(ofGenerate.gauge("device", "cuda:0", "queueLength")).isEqualTo(4);
        assertThat(ofGenerate.gauge("device", "cuda:0", "sessions")).isEqualTo(3);
        assertThat(ofGenerate.gauge("device", "cuda:0", "sessionBytes")).isEqualTo(1L << 33);
    }

    @Test
    void aBatchSizeThatIsMeasuredLaterIsShownWithTheNextAnswer() throws Exception {
        String[] size = {"device", "cuda:0", "stage", "generate", "bucket", "32x1", "chosenBatchSize"};
        engine().gauges.choices.add(new BatchChoice("generate", "32x1", 4, Map.of(1, ms(90), 4, ms(310))));
        assertThat(ofGenerate.has(size)).isFalse();

        answer("request-1");
        answer("request-2");

        assertThat(ofGenerate.gauge(size)).isEqualTo(4);
        assertThat(measured(1)).isEqualTo(90.0);
        assertThat(measured(4)).isEqualTo(310.0);
    }

    private Object measured(int batch) {
        return ofGenerate.gauge(
                "device", "cuda:0", "stage", "generate", "bucket", "32x1", "batch", "" + batch, "measuredMs");
    }

    private void answer(String requestId) throws Exception {
        generate.processElement(Events.prompt(requestId), 0);
        engine().answerOf(requestId).complete(FakeEngine.video(requestId, 1, 100));
        runMail();
    }

    private FakeEngine engine() {
        return engines.opened().get(0);
    }

    private double mean(String histogram) {
        return ofGenerate.histogram(histogram).getStatistics().getMean();
    }

    private static Duration ms(long ms) {
        return Duration.ofMillis(ms);
    }

    private void runMail() throws Exception {
        TaskMailbox mailbox = generate.getTaskMailbox();
        for (var mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY);
                mail.isPresent();
                mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY)) {
            mail.get().run();
        }
    }
}
