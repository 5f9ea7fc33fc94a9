package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** A job without a model that a test starts and stops; each start restores the newest state of a folder. */
final class TestJob implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final LocalCluster cluster;
    private final TestTopics topics;
    private final StateFolder state;
    private LocalCluster.@Nullable Job job;

    TestJob(LocalCluster cluster, TestTopics topics, Path state) {
        this.cluster = cluster;
        this.topics = topics;
        this.state = StateFolder.of(state.toString());
    }

    void start(String... options) throws Exception {
        start(new StubEngines(topics.prompts), options);
    }

    void start(EngineFactory engines, String... options) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(state.settings(state.newest(), RecoveryClaimMode.NO_CLAIM));
        JobConfig config = JobConfig.read(
                List.of(
                        new Setting("bundle", "none", "the test"),
                        new Setting("checkpoint-interval", "200 ms", "the test")),
                Optional.empty(),
                topics.options(options));
        VideoPipeline.assemble(env, config, engines);
        job = cluster.run(env, topics.prompts);
    }

    void stopWithSavepoint() throws Exception {
        cluster.stopWithSavepoint(running(), state.savepoints(), TIMEOUT);
    }

    /** Waits until the job has failed for good, and returns the stack trace. */
    String failure() throws Exception {
        return running()
                .result()
                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .getSerializedThrowable()
                .orElseThrow()
                .getFullStringifiedStackTrace();
    }

    LocalCluster.Job running() {
        return Objects.requireNonNull(job);
    }

    FlinkRest rest() throws InterruptedException {
        return new FlinkRest(cluster.webUi() + "/jobs/" + running().id());
    }

    @Override
    public void close() throws InterruptedException {
        if (job != null && !job.result().isDone()) {
            cluster.cancel(job);
        }
    }
}
