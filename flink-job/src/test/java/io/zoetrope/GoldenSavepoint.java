package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Broker, cluster and prompts of the golden savepoints: the same for the release that writes one and those that restore it. */
final class GoldenSavepoint implements AutoCloseable {
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    static final int ANSWERED = 3;
    static final int HELD = 5;
    /** The topics are part of the savepoint, so their names never change. */
    static final String NAME = "golden";

    final TestTopics topics;
    final LocalCluster cluster;

    private final Path folder;
    private final EmbeddedBroker broker;

    /** Starts a broker and a cluster, and publishes the prompts whose offsets are in the savepoints. */
    GoldenSavepoint(Path folder) throws Exception {
        this.folder = folder;
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        cluster = LocalCluster.start(1, folder.resolve("flink"), 0);
        topics = new TestTopics(broker.bootstrapServers(), NAME);
        for (int i = 0; i < ANSWERED; i++) {
            topics.publish("answered-" + i, "a red circle");
        }
        for (int i = 0; i < HELD; i++) {
            topics.publish("held-" + i, StubEngines.HOLD);
        }
    }

    /** Runs the job, from a savepoint if one is given. */
    LocalCluster.Job run(Optional<String> restored, String engines) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(StateFolder.of(folder.toString()).settings(restored, RecoveryClaimMode.NO_CLAIM));
        VideoPipeline.assemble(
                env,
                JobConfig.read(
                        List.of(new Setting("bundle", "none", "the test")),
                        Optional.empty(),
                        topics.options("--checkpoint-interval", "200 ms")),
                EngineSet.of(new StubEngines(engines)));
        return cluster.run(env, NAME);
    }

    @Override
    public void close() throws Exception {
        topics.close();
        cluster.close();
        broker.close();
    }
}
