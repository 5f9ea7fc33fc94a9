package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.engine.SleepingEngines;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Shows that a model that takes seconds for a video makes progress from the start, whatever the burst and wherever the
 * job ends: a device that sleeps stands in for the model.
 */
class SlowModelIT {
    private static EmbeddedBroker broker;
    private static LocalCluster cluster;

    /** How long the test may take to notice an answer, and the job to end, on a machine under load. */
    private static final Duration NOTICED_WITHIN = Duration.ofSeconds(2);

    private final AnswerAudit audit = new AnswerAudit();

    @BeforeAll
    static void startBrokerAndCluster(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(1, folder.resolve("flink"), 0);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
        broker.close();
    }

    @Test
    void aBurstIsAnsweredFromTheStartAndRepeatsLittleAfterAKill(@TempDir Path folder) throws Exception {
        answerABurst(folder, 60, Duration.ofMillis(200), 1, Duration.ofMillis(50), 2);
    }

    @Test
    @Tag("slow")
    void fiveHundredPromptsOfFiveSecondsAreAnsweredThroughFourKills(@TempDir Path folder) throws Exception {
        answerABurst(folder, 500, Duration.ofSeconds(5), 8, Duration.ofSeconds(1), 4);
    }

    private void answerABurst(Path folder, int prompts, Duration video, int lanes, Duration interval, int kills)
            throws Exception {
        Duration timeout = video.multipliedBy(prompts).plusSeconds(60);
        StateFolder state = StateFolder.of(folder.resolve("state").toString());
        try (TestTopics topics = new TestTopics(broker.bootstrapServers())) {
            SleepingEngines engines = new SleepingEngines(topics.prompts, video, lanes);
            List<String> ids =
                    IntStream.range(0, prompts).mapToObj(i -> "request-" + i).toList();
            ids.forEach(audit::expect);
            topics.publishOf("a", ids);
            for (int kill = 1; kill <= kills; kill++) {
                int answered = topics.segments().size();
                int runs = engines.runs();
                LocalCluster.Job job = start(topics, state, engines, interval);
                topics.awaitAnswers(answered + 1, timeout);
                Duration untilVisible =
                        video.multipliedBy(engines.runs() - runs).dividedBy(lanes);
                System.out.printf("device time until an answer is visible: %s%n", untilVisible);
                assertThat(untilVisible)
                        .as("device time until an answer is visible, at start %d", kill)
                        .isLessThan(interval.multipliedBy(2).plus(video).plus(NOTICED_WITHIN));

                topics.awaitAnswers(prompts * kill / (kills + 1), timeout);
                cluster.cancel(job);
            }
            LocalCluster.Job job = start(topics, state, engines, interval);
            topics.awaitAnswers(prompts, timeout);
            cluster.cancel(job);

            assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
            Duration repeated = video.multipliedBy(engines.runs() - prompts).dividedBy(lanes);
            System.out.printf("device time that was repeated after %d kills: %s%n", kills, repeated);
            assertThat(repeated)
                    .as("device time that was repeated")
                    .isLessThan(interval.plus(video).plus(NOTICED_WITHIN).multipliedBy(kills));
        }
    }

    private static LocalCluster.Job start(
            TestTopics topics, StateFolder state, SleepingEngines engines, Duration interval) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(state.start(env.getConfiguration(), RecoveryClaimMode.CLAIM));
        JobConfig config = JobConfig.read(
                List.of(
                        new Setting("bundle", "none", "the test"),
                        new Setting("checkpoint-interval", interval.toMillis() + " ms", "the test")),
                Optional.empty(),
                topics.options());
        VideoPipeline.assemble(env, config, EngineSet.of(engines));
        return cluster.run(env, topics.prompts);
    }
}
