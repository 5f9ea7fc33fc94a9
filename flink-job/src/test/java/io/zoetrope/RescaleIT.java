package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.kafka.EmbeddedBroker;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionJobVertex;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that the job follows the slots of a cluster with Flink's adaptive scheduler, up and down, while prompts wait and
 * are answered, and that each is answered once.
 */
@Tag("slow")
class RescaleIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final AnswerAudit audit = new AnswerAudit();
    private EmbeddedBroker broker;
    private MiniCluster cluster;
    private TestTopics topics;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        topics = new TestTopics(broker.bootstrapServers());
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(RestOptions.BIND_PORT, "0");
        settings.set(JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.Adaptive);
        settings.set(JobManagerOptions.SCHEDULER_EXECUTING_COOLDOWN_AFTER_RESCALING, Duration.ofSeconds(1));
        settings.set(JobManagerOptions.SCHEDULER_EXECUTING_RESOURCE_STABILIZATION_TIMEOUT, Duration.ofSeconds(1));
        settings.set(JobManagerOptions.SCHEDULER_RESCALE_TRIGGER_MAX_DELAY, Duration.ofSeconds(5));
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(1)
                .build());
        cluster.start();
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        topics.close();
        broker.close();
    }

    @Test
    void theJobTakesNewSlotsAndGivesUpLostOnesAndEachPromptIsAnsweredOnce() throws Exception {
        JobID job = submit("--parallelism", "4", "--checkpoint-interval", "300 ms");
        await().atMost(TIMEOUT).until(() -> running(job) == 1);
        publish(0, 1000);

        cluster.startTaskManager();
        cluster.startTaskManager();
        await("one slot more for each TaskManager").atMost(TIMEOUT).until(() -> running(job) == 3);
        publish(1000, 2000);

        cluster.terminateTaskManager(1).get();
        await("the slots that are left").atMost(TIMEOUT).until(() -> running(job) == 2);
        publish(2000, 2100);

        topics.awaitAnswers(2100, TIMEOUT);
        assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
        cluster.cancelJob(job).get();
    }

    private JobID submit(String... options) throws Exception {
        JobConfig config = JobConfig.read(
                List.of(new Setting("bundle", "none", "the test")), Optional.empty(), topics.options(options));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster.getConfiguration());
        VideoPipeline.assemble(env, config, EngineSet.of(new StubEngines(topics.prompts)));
        return cluster.submitJob(env.getStreamGraph().getJobGraph()).get().getJobID();
    }

    private void publish(int from, int to) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = from; i < to; i++) {
            ids.add("request-" + i);
        }
        ids.forEach(audit::expect);
        topics.publishAll("a", ids, StubEngines.SLOW);
    }

    /** Returns the parallelism of the job if all its tasks run; 0 otherwise. */
    private int running(JobID job) throws InterruptedException, ExecutionException {
        var graph = cluster.getExecutionGraph(job).get();
        int parallelism = 0;
        for (AccessExecutionJobVertex vertex : graph.getAllVertices().values()) {
            for (AccessExecutionVertex task : vertex.getTaskVertices()) {
                if (task.getExecutionState() != ExecutionState.RUNNING) {
                    return 0;
                }
            }
            parallelism = Math.max(parallelism, vertex.getParallelism());
        }
        return parallelism;
    }
}
