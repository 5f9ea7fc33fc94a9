package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.Checkpoints;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.RolloutsTopic;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestBuilder;
import io.zoetrope.rollout.ModelVersion;
import io.zoetrope.rollout.Move;
import io.zoetrope.rollout.Moves;
import io.zoetrope.schema.VideoSegment;
import io.zoetrope.wire.PromptCodec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Moves the prompts of a model to another version and back under load, on a real broker and cluster, with two bundles on
 * ONNX Runtime, and ends the TaskManager on the way. Each prompt has to be answered once, by the version of its time.
 */
@Tag("slow")
class RolloutIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration BETWEEN_PROMPTS = Duration.ofMillis(40);
    private static final String MODEL = "tiny";

    @RegisterExtension
    static final TestCluster servers = new TestCluster(2);

    private final AnswerAudit audit = new AnswerAudit();
    private final AtomicInteger sent = new AtomicInteger();
    private final ScheduledExecutorService load = Executors.newSingleThreadScheduledExecutor();
    private TestTopics topics;
    private String rollouts;
    private ModelBundle old;
    private ModelBundle next;
    private LocalCluster.@Nullable Job job;

    @BeforeEach
    void make(@TempDir Path folder) throws Exception {
        topics = new TestTopics(
                servers.bootstrapServers(),
                Map.of(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(TestTopics.LIMIT),
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
        rollouts = topics.prompts + ".rollouts";
        topics.create(rollouts);
        BundleFolder copy = BundleFolder.copy(folder);
        copy.edit(manifest -> manifest.put("version", "0.0.2"));
        old = ModelBundle.open(BundleFolder.original());
        next = ModelBundle.open(copy.path());
    }

    @AfterEach
    void stop() throws Exception {
        load.shutdownNow();
        assertThat(load.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        servers.flink().cancel(Objects.requireNonNull(job));
        topics.close();
    }

    @Test
    void promptsMoveAndMoveBackUnderLoadAndKillsAndEachIsAnsweredOnceByTheVersionOfItsTime() throws Exception {
        start(Optional.empty());
        awaitAnswersOf(old, 20);

        move(Optional.of(version(next)));
        endTaskManager(); // before the move counts
        awaitAnswersOf(next, 20);
        endTaskManager(); // after it
        int before = answersOf(old);
        move(Optional.empty());
        endTaskManager();
        awaitAnswersOf(old, before + 20);
        awaitAll();

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(otherVersions()).isEmpty();
        assertThat(answersOf(next)).as("prompts between the two moves").isGreaterThan(20);
    }

    @Test
    void thePlantedMoveThatCountsAtOnceIsCaught() throws Exception {
        RolloutsTopic topic = RolloutsTopic.of(config());
        start(Optional.of(() -> {
            RolloutsTopic.View view = topic.open();
            return () -> new Moves(view.moves().log().stream()
                    .map(move -> new Move(move.name(), move.target(), Instant.EPOCH))
                    .toList());
        }));
        awaitAnswersOf(old, 20);

        move(Optional.of(version(next)));
        awaitAnswersOf(next, 200);
        awaitAll();

        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        assertThat(otherVersions())
                .as("prompts that the planted fault answers by the next version")
                .isNotEmpty();
    }

    private JobConfig config() {
        return JobConfig.read(
                List.of(
                        new Setting("bundle", old.directory().toString(), "the test"),
                        new Setting("bundle", next.directory().toString(), "the test")),
                Optional.empty(),
                topics.options("--rollouts-topic", rollouts, "--checkpoint-interval", "500 ms", "--parallelism", "2"));
    }

    /** Starts the job, and then prompts at a fixed rate; every third names the model, the others name none. */
    private void start(Optional<RolloutsTopic> planted) throws Exception {
        JobConfig config = config();
        var env = servers.flink().environment();
        VideoPipeline.assemble(
                env, config, ServedBundles.of(config, 0), planted.orElseGet(() -> RolloutsTopic.of(config)));
        job = servers.flink().run(env, topics.prompts);
        var unused = load.scheduleAtFixedRate(this::publish, 0, BETWEEN_PROMPTS.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void publish() {
        int number = sent.get();
        RequestBuilder prompt =
                new RequestBuilder("request-" + number, "a red circle").steps(PromptRequest.DEFAULT_STEPS);
        PromptRequest request = (number % 3 == 0 ? prompt.model(MODEL) : prompt).build();
        try {
            topics.send(TestTopics.key(request.requestId()), PromptCodec.encode(request));
            audit.expect(request.requestId());
            sent.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void move(Optional<String> target) throws Exception {
        topics.send(rollouts, TestTopics.key(MODEL), target.map(TestTopics::key).orElse(null));
    }

    private void endTaskManager() throws InterruptedException {
        new Checkpoints(servers.flink(), Objects.requireNonNull(job)).endTaskManager();
    }

    private void awaitAnswersOf(ModelBundle bundle, int count) {
        await().atMost(TIMEOUT).until(() -> answersOf(bundle) >= count);
    }

    private int answersOf(ModelBundle bundle) throws Exception {
        return (int) topics.segments().stream()
                .filter(segment -> segment.getModelDigest().equals(bundle.digest()))
                .count();
    }

    /** Stops the load, and waits until every prompt is answered. */
    private void awaitAll() throws Exception {
        load.shutdown();
        assertThat(load.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        topics.awaitAnswers(sent.get(), TIMEOUT);
    }

    /**
     * Returns the prompts that were not answered by the version that the records of both topics say: the one that the
     * newest move names that is at least the lead older than the prompt.
     */
    private List<String> otherVersions() throws Exception {
        List<ConsumerRecord<byte[], byte[]>> moves = read(rollouts);
        Map<String, String> digests = new HashMap<>();
        for (VideoSegment segment : topics.segments()) {
            digests.put(segment.getRequestId(), segment.getModelDigest());
        }
        List<String> found = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> prompt : read(topics.prompts)) {
            String id = new String(prompt.key(), StandardCharsets.UTF_8);
            byte @Nullable [] target = null;
            for (ConsumerRecord<byte[], byte[]> move : moves) {
                if (move.timestamp() + 5000 <= prompt.timestamp()) {
                    target = move.value();
                }
            }
            String promised = target == null ? old.digest() : next.digest();
            if (!promised.equals(digests.get(id))) {
                found.add(
                        id + ", sent at " + prompt.timestamp() + ": promised " + promised + ", got " + digests.get(id));
            }
        }
        return found;
    }

    private List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        return TopicReader.readAll(servers.bootstrapServers(), topic, "read_committed");
    }

    private static String version(ModelBundle bundle) {
        return ModelVersion.of(bundle.manifest().name(), bundle.digest()).toString();
    }
}
