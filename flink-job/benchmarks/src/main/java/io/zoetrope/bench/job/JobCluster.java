package io.zoetrope.bench.job;

import io.zoetrope.ServedBundles;
import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.client.KafkaSettings;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.LocalCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A Flink cluster in this process, which runs several jobs side by side. Each job has separate topics. */
public final class JobCluster implements AutoCloseable {
    private final KafkaSettings kafka;
    private final Path bundle;
    private final TemporaryFolder folder;
    private final LocalCluster cluster;

    private JobCluster(KafkaSettings kafka, Path bundle, TemporaryFolder folder, LocalCluster cluster) {
        this.kafka = kafka;
        this.bundle = bundle;
        this.folder = folder;
        this.cluster = cluster;
    }

    /** Adds a job's operators to an environment. */
    @FunctionalInterface
    public interface Assembly {
        /** Assembles the job with the given options. */
        void assemble(StreamExecutionEnvironment env, JobConfig config);
    }

    /**
     * Starts a cluster.
     *
     * @param kafka the settings of Kafka's clients
     * @param bundle the bundle that jobs serve by default
     * @param slots the number of slots for all jobs together
     */
    public static JobCluster start(KafkaSettings kafka, Path bundle, int slots) throws Exception {
        TemporaryFolder folder = TemporaryFolder.create();
        return new JobCluster(kafka, bundle, folder, LocalCluster.start(slots, folder.path(), 0));
    }

    /** Starts Zoetrope's job on the bundle. */
    public RunningJob startZoetrope(String name, String... options) throws Exception {
        return startJob(
                name, (env, config) -> VideoPipeline.assemble(env, config, ServedBundles.of(config, 0)), options);
    }

    /** Starts Zoetrope's job on the given engines. */
    public RunningJob startZoetrope(String name, EngineFactory engines, String... options) throws Exception {
        return startJob(name, (env, config) -> VideoPipeline.assemble(env, config, EngineSet.of(engines)), options);
    }

    /**
     * Creates topics for a job and starts the job.
     *
     * @param label the job's name in messages; names and topics on Kafka begin with it
     * @param options the job's options, as on the command line
     */
    public RunningJob startJob(String label, Assembly assembly, String... options) throws Exception {
        String name = label + "-" + UUID.randomUUID();
        JobTopics topics = JobTopics.create(kafka, name);
        List<Setting> base = new ArrayList<>(List.of(
                setting(JobOptions.BUNDLE.key(), bundle.toString()),
                setting(JobOptions.BOOTSTRAP_SERVERS.key(), kafka.servers()),
                setting(JobOptions.PROMPTS_TOPIC.key(), topics.prompts()),
                setting(JobOptions.VIDEOS_TOPIC.key(), topics.videos()),
                setting(JobOptions.FAILURES_TOPIC.key(), topics.failures()),
                setting(JobOptions.GROUP_ID.key(), name),
                setting(JobOptions.TRANSACTIONAL_ID_PREFIX.key(), name)));
        kafka.given().forEach((key, value) -> base.add(setting(JobConfig.KAFKA_PREFIX + key, value)));
        JobConfig config = VideoJob.config(base, List.of(options));
        StreamExecutionEnvironment env = cluster.environment();
        assembly.assemble(env, config);
        LocalCluster.Job job = cluster.run(env, name);
        return new RunningJob(cluster, job, kafka, topics);
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
