package io.zoetrope;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.Checkpoints;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** A job without a model that a test starts and stops. Its checkpoints and savepoints are in one folder. */
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

    /** Starts the job from the newest state. */
    void start(String... options) throws Exception {
        start(new StubEngines(topics.prompts), options);
    }

    /** Starts the job from the newest state. */
    void start(EngineFactory engines, String... options) throws Exception {
        run(state.start(new Configuration(), RecoveryClaimMode.CLAIM), engines, options);
    }

    /** Starts the job from a checkpoint or savepoint, as {@code flink run -s} does. */
    void startFrom(String restored) throws Exception {
        Configuration submission = new Configuration().set(StateRecoveryOptions.SAVEPOINT_PATH, restored);
        run(state.start(submission, RecoveryClaimMode.NO_CLAIM), new StubEngines(topics.prompts));
    }

    /** Starts the job without state, although there is some. */
    void startWithoutState(String... options) throws Exception {
        run(state.settings(Optional.empty(), RecoveryClaimMode.CLAIM), new StubEngines(topics.prompts), options);
    }

    /** Starts the job on a cluster with the given settings, which do not restore any state. */
    void start(Configuration settings, String... options) throws Exception {
        run(settings, new StubEngines(topics.prompts), options);
    }

    private void run(Configuration settings, EngineFactory engines, String... options) throws Exception {
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(settings);
        JobConfig config = JobConfig.read(
                List.of(
                        new Setting("bundle", "none", "the test"),
                        new Setting("checkpoint-interval", "200 ms", "the test")),
                Optional.empty(),
                topics.options(options));
        VideoPipeline.assemble(env, config, EngineSet.of(engines));
        job = cluster.run(env, topics.prompts);
    }

    void cancel() throws InterruptedException {
        cluster.cancel(running());
    }

    /** Takes a savepoint while the job runs, and returns its path. */
    String savepoint() throws Exception {
        return new Checkpoints(cluster, running()).savepoint(state.savepoints());
    }

    /** Takes a checkpoint, and returns when it is complete. */
    void checkpoint() throws Exception {
        new Checkpoints(cluster, running()).checkpoint();
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
