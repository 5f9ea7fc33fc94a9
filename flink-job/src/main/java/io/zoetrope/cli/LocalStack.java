package io.zoetrope.cli;

import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.TopicCheck;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A broker, a Flink cluster and the job, in this process. */
final class LocalStack implements AutoCloseable {
    /** Stands for the broker's address while the options are checked, before there is one. */
    private static final String NOT_YET = "127.0.0.1:0";

    private final JobConfig config;
    private final EngineFactory engines;
    private final LocalServers servers;

    private LocalStack(JobConfig config, EngineFactory engines, LocalServers servers) {
        this.config = config;
        this.engines = engines;
        this.servers = servers;
    }

    /**
     * Starts broker and cluster, and verifies the bundle, all side by side. The options are checked before.
     *
     * @param base settings below the given ones; the broker's address is added
     * @param options of the job, as given
     * @throws io.zoetrope.config.ConfigException with every problem of the options
     * @throws io.zoetrope.bundle.BundleException with everything that is wrong with the bundle
     */
    static LocalStack start(LocalServers.Ports ports, List<Setting> base, List<String> options, Progress progress)
            throws Exception {
        JobConfig checked = check(base, options);
        LocalServers servers = LocalServers.start(ports, checked.get(JobOptions.PARALLELISM));
        Future<EngineFactory> bundle = LocalServers.inBackground("bundle", () -> VideoJob.engines(checked, 0));
        try {
            EngineFactory engines = LocalServers.outcome(bundle);
            progress.tell("bundle   " + engines.limits().model() + ", verified");
            String address = servers.broker().bootstrapServers();
            progress.tell("broker   " + address);
            progress.tell("flink    " + servers.cluster().webUi());
            return new LocalStack(VideoJob.config(with(base, address), options), engines, servers);
        } catch (Exception e) {
            servers.close();
            throw e;
        }
    }

    /**
     * Checks the options of a stack that is yet to be started.
     *
     * @throws io.zoetrope.config.ConfigException with every problem
     */
    static JobConfig check(List<Setting> base, List<String> options) {
        return VideoJob.config(with(base, NOT_YET), options);
    }

    /** The options that the job runs with. */
    JobConfig config() {
        return config;
    }

    /** Where Flink's web UI is served. */
    URI webUi() throws Exception {
        return servers.cluster().webUi();
    }

    /**
     * Starts the job.
     *
     * @return how it ended, once it does
     */
    CompletableFuture<JobResult> runJob() throws Exception {
        TopicCheck.require(config);
        LocalCluster cluster = servers.cluster();
        StreamExecutionEnvironment env = cluster.environment();
        VideoPipeline.assemble(env, config, engines);
        return cluster.run(env, VideoJob.name(config, engines)).result();
    }

    /** Stops the job, the cluster and the broker, and deletes their files. */
    @Override
    public void close() {
        servers.close();
    }

    private static List<Setting> with(List<Setting> base, String address) {
        List<Setting> settings = new ArrayList<>(base);
        settings.add(new Setting(JobOptions.BOOTSTRAP_SERVERS.key(), address, "the broker of this process"));
        return settings;
    }
}
