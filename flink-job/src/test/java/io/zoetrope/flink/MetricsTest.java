package io.zoetrope.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.DeviceGauges.BatchChoice;
import io.zoetrope.engine.EngineSet;
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
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.operators.ProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the metrics that the job's operators register. */
class MetricsTest {
    private final FakeEngine.Factory engines =
            new FakeEngine.Factory(UUID.randomUUID().toString());
    private final RecordedMetrics admitMetrics = new RecordedMetrics();
    private final RecordedMetrics onceMetrics = new RecordedMetrics();
    private final RecordedMetrics generateMetrics = new RecordedMetrics();
    private final RecordedMetrics keepMetrics = new RecordedMetrics();
    private OneInputStreamOperatorTestHarness<KafkaEvent, KafkaEvent> admit;
    private KeyedOneInputStreamOperatorTestHarness<String, KafkaEvent, KafkaEvent> once;
    private GenerateHarness generate;
    private OneInputStreamOperatorTestHarness<KafkaAnswer, KafkaAnswer> keep;

    @BeforeEach
    void open() throws Exception {
        admit = new OneInputStreamOperatorTestHarness<>(
                new ProcessOperator<>(new Admit(AnswerFormat.upTo(GenerateHarness.MAX_PAYLOAD))),
                GenerateHarness.events(),
                admitMetrics.environment());
        once = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new OncePerRequest(
                        Duration.ofHours(24), Events.LIMITS, AnswerFormat.upTo(GenerateHarness.MAX_PAYLOAD))),
                new RequestKey(),
                Types.STRING,
                onceMetrics.environment());
        generate = new GenerateHarness(engines, generateMetrics);
        keep = new OneInputStreamOperatorTestHarness<>(
                new KeepUntilCommitted(FakeAnswerTopics::new, new AnswerSerializer("videos", "failures")),
                TypeInformation.of(KafkaAnswer.class).createSerializer(new ExecutionConfig().getSerializerConfig()),
                keepMetrics.environment());
        admit.open();
        once.open();
        generate.open();
        keep.open();
    }

    @AfterEach
    void close() throws Exception {
        admit.close();
        once.close();
        generate.close();
        keep.close();
    }

    @Test
    void theDocumentationListsExactlyTheMetricsThatAreRegistered() throws Exception {
        engine().gauges.choices.add(new BatchChoice("text", "32", 8, Map.of(8, ms(9))));
        answer("request-1");

        Map<String, String> registered = new TreeMap<>();
        admitMetrics.types().forEach((name, type) -> register(registered, name, type, "admit"));
        onceMetrics.types().forEach((name, type) -> register(registered, name, type, "once per request"));
        RecordedMetrics waitingMetrics = new RecordedMetrics();
        try (var waiting = WaitingHarness.withMetrics(EngineSet.of(engines), waitingMetrics)) {
            waiting.open();
            waitingMetrics.types().forEach((name, type) -> register(registered, name, type, "generate"));
        }
        keepMetrics.types().forEach((name, type) -> register(registered, name, type, KeepUntilCommitted.NAME));
        // The source and the sink register theirs in a running job; UnreadPromptsIT and LostTransactionIT read them.
        register(registered, "deletedPrompts", "counter", "prompts");
        register(registered, "refusedCommits", "counter", "publish");

        Map<String, String> documented = Files.readAllLines(Path.of("../docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split(" \\| "))
                .collect(Collectors.toMap(
                        cells -> cells[0] + " | " + cells[1],
                        cells -> cells[3].replaceAll(", each (subtask|process)$", ""),
                        (a, b) -> a + " and again " + b,
                        TreeMap::new));

        assertThat(documented).as("the metrics table of docs/metrics.md").isEqualTo(registered);
    }

    private static void register(Map<String, String> table, String name, String type, String operator) {
        table.merge("| `" + name + "` | " + type, operator, (before, another) -> before + ", " + another);
    }

    @Test
    void duplicatesAreCounted() throws Exception {
        once.processElement(Events.prompt("request-1"), 0);
        once.processElement(Events.prompt("request-2"), 0);
        assertThat(onceMetrics.count("duplicates")).isZero();

        once.processElement(Events.prompt("request-1"), 0);
        once.processElement(Events.prompt("request-1"), 0);
        once.processElement(Events.tombstone("request-1"), 0);

        assertThat(onceMetrics.count("duplicates")).isEqualTo(2);
    }

    @Test
    void failuresAreCountedByCodeWhereTheyHappen() throws Exception {
        admit.processElement(Events.event(null, new byte[] {1}), 0);
        once.processElement(Events.tombstone("request-1"), 0);
        once.processElement(Events.prompt("request-1"), 0);
        generate.process(Events.prompt("request-2"));
        engine().answerOf("request-2").completeExceptionally(new IllegalStateException("planted"));
        generate.process(Events.promptDue("request-3", Instant.EPOCH));
        generate.process(Events.prompt("request-4"));
        engine().answerOf("request-4").complete(FakeEngine.video("request-4", 1, GenerateHarness.MAX_PAYLOAD));
        generate.answers();

        assertThat(admitMetrics.count("code", "INVALID_EVENT", "failures")).isEqualTo(1);
        assertThat(onceMetrics.count("code", "CANCELLED", "failures")).isEqualTo(1);
        assertThat(generateMetrics.count("code", "INFERENCE_FAILED", "failures"))
                .isEqualTo(1);
        assertThat(generateMetrics.count("code", "DEADLINE_EXCEEDED", "failures"))
                .isEqualTo(1);
        assertThat(generateMetrics.count("code", "PAYLOAD_TOO_LARGE", "failures"))
                .isEqualTo(1);
        assertThat(generateMetrics.count("code", "INVALID_EVENT", "failures")).isZero();
        assertThat(generateMetrics.count("videos")).isZero();
    }

    @Test
    void aVideoIsCountedWithItsFramesItsBatchAndItsStageTimes() throws Exception {
        generate.process(Events.prompt("request-1"));
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
        generate.answers();

        assertThat(generateMetrics.count("videos")).isEqualTo(1);
        assertThat(generateMetrics.count("frames")).isEqualTo(34);
        assertThat(mean("batchSize")).isEqualTo(6);
        assertThat(mean("queueMs")).isEqualTo(1);
        assertThat(mean("textMs")).isEqualTo(2);
        assertThat(mean("generateMs")).isEqualTo(30);
        assertThat(mean("decodeMs")).isEqualTo(40);
        assertThat(mean("encodeMs")).isEqualTo(5);
    }

    @Test
    void anAnswerAfterATimeoutIsNotCounted() throws Exception {
        generate.process(Events.prompt("request-1"));
        generate.setProcessingTime(GenerateHarness.TIMEOUT.toMillis() + 1);
        engine().answerOf("request-1").complete(FakeEngine.video("request-1", 1, 100));
        generate.answers();

        assertThat(generateMetrics.count("code", "INFERENCE_TIMEOUT", "failures"))
                .isEqualTo(1);
        assertThat(generateMetrics.count("code", "CANCELLED", "failures")).isZero();
        assertThat(generateMetrics.count("videos")).isZero();
    }

    @Test
    void theGaugesShowTheEnginesValues() {
        assertThat(generateMetrics.gauge("inFlight")).isEqualTo(5);
        assertThat(generateMetrics.gauge("device", "cuda:0", "busyRatio")).isEqualTo(0.75);
        assertThat(generateMetrics.gauge("device", "cuda:0", "busyMs")).isEqualTo(30_000L);
        assertThat(generateMetrics.gauge("device", "cuda:0", "queueLength")).isEqualTo(4);
        assertThat(generateMetrics.gauge("device", "cuda:0", "sessions")).isEqualTo(3);
        assertThat(generateMetrics.gauge("device", "cuda:0", "sessionBytes")).isEqualTo(1L << 33);
    }

    @Test
    void aBatchSizeThatIsMeasuredLaterIsRegisteredWithTheNextAnswer() throws Exception {
        String[] size = {"device", "cuda:0", "stage", "generate", "bucket", "32x1", "chosenBatchSize"};
        engine().gauges.choices.add(new BatchChoice("generate", "32x1", 4, Map.of(1, ms(90), 4, ms(310))));
        assertThat(generateMetrics.has(size)).isFalse();

        answer("request-1");
        answer("request-2");

        assertThat(generateMetrics.gauge(size)).isEqualTo(4);
        assertThat(measured(1)).isEqualTo(90.0);
        assertThat(measured(4)).isEqualTo(310.0);
    }

    private Object measured(int batch) {
        return generateMetrics.gauge(
                "device", "cuda:0", "stage", "generate", "bucket", "32x1", "batch", "" + batch, "measuredMs");
    }

    private void answer(String requestId) throws Exception {
        generate.process(Events.prompt(requestId));
        engine().answerOf(requestId).complete(FakeEngine.video(requestId, 1, 100));
        generate.answers();
    }

    private FakeEngine engine() {
        return engines.opened().get(0);
    }

    private double mean(String histogram) {
        return generateMetrics.histogram(histogram).getStatistics().getMean();
    }

    private static Duration ms(long ms) {
        return Duration.ofMillis(ms);
    }
}
