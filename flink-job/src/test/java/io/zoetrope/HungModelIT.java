package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.schema.FailedPrompt;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the whole job on a bundle whose generator does not end on some prompts; see tiny_bundle.py. */
@Timeout(120)
class HungModelIT {
    private static final String HEALTHY = "a red circle";
    private static final String ENDLESS = "a red circle moves left right up down";

    @Test
    void promptsOnWhichTheModelDoesNotEndFailAndAllOthersAreAnsweredWithoutARestart(@TempDir Path folder)
            throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
                TestTopics topics = new TestTopics(broker.bootstrapServers());
                LocalCluster cluster = LocalCluster.start(2, folder.resolve("flink"), 0)) {
            JobConfig config = JobConfig.read(
                    List.of(new Setting("bundle", BundleFolder.faulty().toString(), "the test")),
                    Optional.empty(),
                    topics.options(
                            "--checkpoint-interval", "200 ms",
                            "--parallelism", "2",
                            "--cpu-lanes", "2",
                            "--run-timeout", "1 s"));
            var env = cluster.environment();
            VideoPipeline.assemble(env, config, ServedBundles.of(config, 0));
            LocalCluster.Job job = cluster.run(env, topics.prompts);

            // Both lanes hang at the same time.
            for (int i = 0; i < 12; i++) {
                topics.publish("request-" + i, i % 4 == 1 ? ENDLESS : HEALTHY, i);
            }
            topics.awaitAnswers(12, Duration.ofSeconds(90));

            assertThat(topics.failures())
                    .extracting(FailedPrompt::getCode)
                    .as("the failures of the endless prompts")
                    .containsOnly("INFERENCE_FAILED")
                    .hasSize(3);
            assertThat(topics.failures())
                    .allMatch(failure -> failure.getMessage().startsWith("generate: the run did not end within 1000 ms")
                            && failure.getMessage().contains("raise run-timeout"));
            assertThat(topics.segments()).hasSize(9);
            assertThat(cluster.failure(job)).as("restarts of the job").isEmpty();
            assertThat(new FlinkRest(cluster.webUi() + "/jobs/" + job.id()).metrics("endedRuns"))
                    .as("runs that the watchdog ended")
                    .allMatch(ended -> ended >= 6);
            cluster.cancel(job);
        }
    }
}
