package io.zoetrope.cli;

import io.zoetrope.ServedBundles;
import io.zoetrope.StageDevices;
import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineSet;
import io.zoetrope.flink.KafkaCheck;
import io.zoetrope.flink.LocalCluster;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A broker, a Flink cluster and the job, in this process. */
final class LocalStack implements AutoCloseable {
    /** The address that stands for the broker's when the options are checked before the broker has started. */
    private static final String PLACEHOLDER_ADDRESS = "127.0.0.1:0";

    private final JobConfig config;
    private final EngineSet engines;
    private final LocalServers servers;
    private final Progress progress;

    private LocalStack(JobConfig config, EngineSet engines, LocalServers servers, Progress progress) {
        this.config = config;
        this.engines = engines;
        this.servers = servers;
        this.progress = progress;
    }

    /**
     * Checks the options, then starts broker and cluster and verifies the bundle in parallel.
     *
     * @param base settings that the options override; the broker's address is added to them
     * @param options the options of the job, as given on the command line
     * @throws io.zoetrope.config.ConfigException with every problem of the options
     * @throws io.zoetrope.bundle.BundleException with every problem of the bundle
     */
    static LocalStack start(LocalServers.Ports ports, List<Setting> base, List<String> options, Progress progress)
            throws Exception {
        JobConfig checked = check(base, options);
        LocalServers servers = LocalServers.start(ports, checked.get(JobOptions.PARALLELISM));
        Future<EngineSet> bundle = LocalServers.inBackground("bundle", () -> ServedBundles.inThisProcess(checked));
        try {
            EngineSet engines = LocalServers.await(bundle);
            progress.print("bundle   " + String.join(", ", engines.models()) + ", verified");
            String address = servers.broker().bootstrapServers();
            progress.print("broker   " + address);
            progress.print("flink    " + servers.cluster().webUi());
            return new LocalStack(VideoJob.config(withBroker(base, address), options), engines, servers, progress);
        } catch (Exception e) {
            servers.close();
            throw e;
        }
    }

    /**
     * Checks the options, without starting anything.
     *
     * @throws io.zoetrope.config.ConfigException with every problem
     */
    static JobConfig check(List<Setting> base, List<String> options) {
        JobConfig config = VideoJob.config(withBroker(base, PLACEHOLDER_ADDRESS), options);
        StageDevices.of(config).requireUsable();
        return config;
    }

    /** Returns the options that the job runs with. */
    JobConfig config() {
        return config;
    }

    /** Returns the names of the models, separated by commas; the first one is the default. */
    String models() {
        return String.join(", ", engines.models());
    }

    /** Returns the address of Flink's web UI. */
    URI webUi() throws Exception {
        return servers.cluster().webUi();
    }

    /**
     * Starts the job. Prints why it restarts, if it does.
     *
     * @param flink settings of Flink for this job
     * @return completes with the job's result when the job ends
     */
    CompletableFuture<JobResult> runJob(Configuration flink) throws Exception {
        KafkaCheck.require(config, new Configuration());
        LocalCluster cluster = servers.cluster();
        StreamExecutionEnvironment env = cluster.environment();
        env.configure(flink);
        VideoPipeline.assemble(env, config, engines);
        LocalCluster.Job job = cluster.run(env, VideoJob.name(config, engines));
        FailureWatch watch = FailureWatch.start(cluster, job, progress);
        return job.result().whenComplete((result, fault) -> watch.close());
    }

    /** Stops the job, the cluster and the broker, and deletes their files. */
    @Override
    public void close() {
        servers.close();
    }

    private static List<Setting> withBroker(List<Setting> base, String address) {
        List<Setting> settings = new ArrayList<>(base);
        settings.add(new Setting(JobOptions.BOOTSTRAP_SERVERS.key(), address, "the broker of this process"));
        return settings;
    }
}
