package io.zoetrope.cli;

import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.EngineFactory;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.TopicCheck;
import io.zoetrope.kafka.EmbeddedBroker;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A broker, a Flink cluster and the job, in this process. */
final class LocalStack implements AutoCloseable {
    /** Stands for the broker's address while the options are checked, before there is one. */
    private static final String NOT_YET = "127.0.0.1:0";

    private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);

    private final JobConfig config;
    private final EngineFactory engines;
    private final ScratchFolder folder;
    private final Future<EmbeddedBroker> broker;
    private final Future<LocalCluster> cluster;
    private boolean closed;

    private LocalStack(
            JobConfig config,
            EngineFactory engines,
            ScratchFolder folder,
            Future<EmbeddedBroker> broker,
            Future<LocalCluster> cluster) {
        this.config = config;
        this.engines = engines;
        this.folder = folder;
        this.broker = broker;
        this.cluster = cluster;
    }

    /**
     * Where a stack listens, on loopback; where a port is taken, a free one is used instead.
     *
     * @param broker where clients connect
     * @param ui of Flink's web UI
     */
    record Ports(int broker, int ui) {}

    /**
     * Starts broker and cluster, and verifies the bundle, all side by side. The options are checked before.
     *
     * @param base settings below the given ones; the broker's address is added
     * @param options of the job, as given
     * @throws io.zoetrope.config.ConfigException with every problem of the options
     * @throws io.zoetrope.bundle.BundleException with everything that is wrong with the bundle
     */
    static LocalStack start(Ports ports, List<Setting> base, List<String> options, Progress progress) throws Exception {
        JobConfig checked = check(base, options);
        ScratchFolder folder = ScratchFolder.create();
        ExecutorService starters = Executors.newFixedThreadPool(3);
        Future<EmbeddedBroker> broker =
                starters.submit(() -> LocalBroker.start(folder.path().resolve("kafka"), ports.broker()));
        Future<LocalCluster> cluster = starters.submit(() -> LocalCluster.start(
                checked.get(JobOptions.PARALLELISM), folder.path().resolve("flink"), ports.ui()));
        Future<EngineFactory> bundle = starters.submit(() -> VideoJob.engines(checked));
        starters.shutdown();
        try {
            EngineFactory engines = outcome(bundle);
            progress.tell("bundle   " + engines.terms().model() + ", verified");
            String servers = outcome(broker).bootstrapServers();
            progress.tell("broker   " + servers);
            progress.tell("flink    " + outcome(cluster).webUi());
            JobConfig config = VideoJob.config(with(base, servers), options);
            return new LocalStack(config, engines, folder, broker, cluster);
        } catch (Exception e) {
            close(cluster);
            close(broker);
            folder.close();
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
        return outcome(cluster).webUi();
    }

    /**
     * Starts the job.
     *
     * @return how it ended, once it does
     */
    CompletableFuture<JobResult> runJob() throws Exception {
        TopicCheck.require(config);
        LocalCluster flink = outcome(cluster);
        StreamExecutionEnvironment env = flink.environment();
        VideoPipeline.assemble(env, config, engines);
        return flink.run(env, VideoJob.name(config, engines)).result();
    }

    /** Stops the job, the cluster and the broker, and deletes their files. A second call does nothing. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            close(cluster);
            close(broker);
            folder.close();
        }
    }

    /** Closes it too when the process is told to end. */
    LocalStack closedAtExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "stop"));
        return this;
    }

    private static List<Setting> with(List<Setting> base, String servers) {
        List<Setting> settings = new ArrayList<>(base);
        settings.add(new Setting(JobOptions.BOOTSTRAP_SERVERS.key(), servers, "the broker of this process"));
        return settings;
    }

    private static <T> T outcome(Future<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static void close(Future<? extends AutoCloseable> started) {
        try {
            started.get().close();
        } catch (ExecutionException e) {
            LOG.debug("never started", e);
        } catch (Exception e) {
            LOG.warn("could not be stopped cleanly", e);
        }
    }
}
