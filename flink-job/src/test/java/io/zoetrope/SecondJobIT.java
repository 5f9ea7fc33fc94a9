package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.SecondJob;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.HighAvailabilityOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Shows that a second job with the same group and topics is refused, and loses nothing if it is started all the same. */
class SecondJobIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final AnswerAudit audit = new AnswerAudit();
    private final List<String> progress = new ArrayList<>();
    private EmbeddedBroker broker;
    private LocalCluster cluster;
    private TestTopics topics;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(2, folder.resolve("flink"), 0);
        topics = new TestTopics(broker.bootstrapServers());
    }

    @AfterEach
    void stop() throws Exception {
        topics.close();
        cluster.close();
        broker.close();
    }

    @Test
    void aSecondJobIsRefusedWhileTheFirstRuns() throws Exception {
        SecondJob.refuse(config(), new Configuration(), progress::add);
        LocalCluster.Job first = startJob();
        awaitPresence();

        assertThatThrownBy(() -> SecondJob.refuse(config(), new Configuration(), progress::add))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(
                        "the job zoetrope-" + ProcessHandle.current().pid() + "@")
                .hasMessageContaining("at /127.0.0.1 runs already with the same group-id and topics (transactional"
                        + " prefix " + topics.prompts
                        + "); stop it, or give this job its own group-id and topics");
        assertThat(progress).hasSize(1).allMatch(line -> line.startsWith("waiting up to 8 s for the end of the job"));

        SecondJob.refuse(config("--transactional-id-prefix", "another"), new Configuration(), progress::add);
        SecondJob.refuse(config(), mainThatFlinkRunsAgain(), progress::add);
        cluster.cancel(first);
        SecondJob.refuse(config(), new Configuration(), progress::add);
    }

    @Test
    void twoJobsThatFenceEachOtherFailAndLoseNothing() throws Exception {
        LocalCluster.Job first = startJob();
        LocalCluster.Job second = startJob();
        for (int i = 0; i < 40; i++) {
            audit.expect("request-" + i);
            topics.publish("request-" + i, StubEngines.SLOW);
        }
        await().atMost(TIMEOUT)
                .until(() -> cluster.failure(first).isPresent()
                        || cluster.failure(second).isPresent());
        cluster.cancel(second);
        topics.publish("last", StubEngines.SLOW);
        audit.expect("last");

        await().atMost(TIMEOUT)
                .until(() -> audit.faults(topics.segments(), topics.failures()).stream()
                        .noneMatch(fault -> fault.endsWith("answered 0 times")));
        cluster.cancel(first);
    }

    /** Returns the settings of an application cluster with high availability. */
    private static Configuration mainThatFlinkRunsAgain() {
        return new Configuration()
                .set(DeploymentOptions.TARGET, "embedded")
                .set(HighAvailabilityOptions.HA_MODE, "zookeeper");
    }

    private void awaitPresence() {
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()))) {
            String group = topics.prompts + ".running";
            await().atMost(TIMEOUT)
                    .ignoreExceptions()
                    .until(() -> !admin.describeConsumerGroups(List.of(group))
                            .describedGroups()
                            .values()
                            .iterator()
                            .next()
                            .get()
                            .members()
                            .isEmpty());
        }
    }

    private LocalCluster.Job startJob() throws InterruptedException {
        StreamExecutionEnvironment env = cluster.environment();
        VideoPipeline.assemble(env, config(), EngineSet.of(new StubEngines(topics.prompts)));
        return cluster.run(env, topics.prompts);
    }

    private JobConfig config(String... options) {
        List<String> all = new ArrayList<>(topics.options("--checkpoint-interval", "200 ms"));
        for (int i = 0; i < options.length; i += 2) {
            all.set(all.indexOf(options[i]) + 1, options[i + 1]);
        }
        return JobConfig.read(List.of(new Setting("bundle", "none", "the test")), Optional.empty(), all);
    }
}
