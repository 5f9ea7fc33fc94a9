package io.zoetrope.bench.job;

import io.zoetrope.BundleEngines;
import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.flink.LocalCluster;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink cluster in this process, on which jobs stand side by side, each with topics of its own. */
public final class JobStand implements AutoCloseable {
    private final String broker;
    private final Path bundle;
    private final TemporaryFolder folder;
    private final LocalCluster cluster;

    private JobStand(String broker, Path bundle, TemporaryFolder folder, LocalCluster cluster) {
        this.broker = broker;
        this.bundle = bundle;
        this.folder = folder;
        this.cluster = cluster;
    }

    /** Puts a job's operators onto an environment. */
    @FunctionalInterface
    public interface Assembly {
        /** Assembles the job that the options ask for. */
        void assemble(StreamExecutionEnvironment env, JobConfig config);
    }

    /**
     * Starts a cluster.
     *
     * @param broker its address
     * @param bundle that jobs serve unless told otherwise
     * @param slots of all jobs together
     */
    public static JobStand start(String broker, Path bundle, int slots) throws Exception {
        TemporaryFolder folder = TemporaryFolder.create();
        return new JobStand(broker, bundle, folder, LocalCluster.start(slots, folder.path(), 0));
    }

    /** Starts our job on the bundle. */
    public RunningJob ours(String name, String... options) throws Exception {
        return run(name, (env, config) -> VideoPipeline.assemble(env, config, BundleEngines.of(config, 0)), options);
    }

    /** Starts our job on other engines. */
    public RunningJob ours(String name, EngineFactory engines, String... options) throws Exception {
        return run(name, (env, config) -> VideoPipeline.assemble(env, config, engines), options);
    }

    /**
     * Starts a job on topics of its own.
     *
     * @param name which no other job of this broker has
     * @param options of the job, as on the command line
     */
    public RunningJob run(String name, Assembly assembly, String... options) throws Exception {
        JobTopics topics = JobTopics.create(broker, name);
        List<Setting> base = List.of(
                setting(JobOptions.BUNDLE.key(), bundle.toString()),
                setting(JobOptions.BOOTSTRAP_SERVERS.key(), broker),
                setting(JobOptions.PROMPTS_TOPIC.key(), topics.prompts()),
                setting(JobOptions.VIDEOS_TOPIC.key(), topics.videos()),
                setting(JobOptions.FAILURES_TOPIC.key(), topics.failures()),
                setting(JobOptions.GROUP_ID.key(), name),
                setting(JobOptions.TRANSACTIONAL_ID_PREFIX.key(), name));
        JobConfig config = VideoJob.config(base, List.of(options));
        StreamExecutionEnvironment env = cluster.environment();
        assembly.assemble(env, config);
        LocalCluster.Job job = cluster.run(env, name);
        return new RunningJob(cluster, job, broker, topics);
    }

    private static Setting setting(String key, String value) {
        return new Setting(key, value, "the benchmark");
    }

    @Override
    public void close() throws Exception {
        try (folder) {
            cluster.close();
        }
    }
}
