package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.schema.VideoSegment;
import java.net.URL;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Restores the savepoints of earlier releases, which are test resources. Each was made by {@link #write} in that
 * release, with requests in flight: {@code ./mvnw -pl flink-job -am verify -Dtest=none -Dit.test=GoldenSavepointIT
 * -Dgolden.savepoint=FOLDER}.
 */
class GoldenSavepointIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    /** The topics are part of the savepoint, so their names never change. */
    private static final String NAME = "golden";

    private static final int ANSWERED = 3;
    private static final int HELD = 5;

    private EmbeddedBroker broker;
    private LocalCluster cluster;
    private TestTopics topics;
    private Path folder;

    @BeforeEach
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(1, folder.resolve("flink"), 0);
        topics = new TestTopics(broker.bootstrapServers(), NAME);
        // The offsets in the savepoint are those of these prompts.
        for (int i = 0; i < ANSWERED; i++) {
            topics.publish("answered-" + i, "a red circle");
        }
        for (int i = 0; i < HELD; i++) {
            topics.publish("held-" + i, StubEngines.HOLD);
        }
    }

    @AfterEach
    void stop() throws Exception {
        topics.close();
        cluster.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void aSavepointOfAnEarlierReleaseRestoresAndItsRequestsInFlightAreAnsweredOnce(String release) throws Exception {
        run(Optional.of(savepoint(release)), NAME);
        topics.awaitAnswers(HELD, TIMEOUT);

        topics.publish("answered-0", "a red circle");
        topics.publish("held-0", StubEngines.HOLD);
        topics.publish("next", "a red circle");
        topics.awaitAnswers(HELD + 1, TIMEOUT);

        assertThat(topics.failures()).isEmpty();
        assertThat(topics.segments())
                .extracting(VideoSegment::getRequestId)
                .containsExactlyInAnyOrder("held-0", "held-1", "held-2", "held-3", "held-4", "next");
    }

    @Test
    @EnabledIfSystemProperty(named = "golden.savepoint", matches = ".+")
    void write() throws Exception {
        LocalCluster.Job job = run(Optional.empty(), NAME + StubEngines.HOLDING);
        topics.awaitAnswers(ANSWERED, TIMEOUT);
        // No answer is in a transaction then: another Kafka could not commit it.
        FlinkRest rest = new FlinkRest(cluster.webUi() + "/jobs/" + job.id());
        int before = rest.completedCheckpoints();
        await().atMost(TIMEOUT).until(() -> rest.completedCheckpoints() > before + 2);

        String savepoint = cluster.stopWithSavepoint(job, System.getProperty("golden.savepoint"), TIMEOUT);

        assertThat(topics.segments()).hasSize(ANSWERED);
        System.out.println("the savepoint is " + savepoint);
    }

    private static String savepoint(String release) throws Exception {
        URL folder = GoldenSavepointIT.class.getResource("/golden-savepoints/" + release);
        return Path.of(Objects.requireNonNull(folder, release).toURI()).toString();
    }

    private LocalCluster.Job run(Optional<String> restored, String engines) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(StateFolder.of(folder.toString()).settings(restored, RecoveryClaimMode.NO_CLAIM));
        VideoPipeline.assemble(
                env,
                JobConfig.read(
                        List.of(new Setting("bundle", "none", "the test")),
                        Optional.empty(),
                        topics.options("--checkpoint-interval", "200 ms")),
                new StubEngines(engines));
        return cluster.run(env, NAME);
    }
}
