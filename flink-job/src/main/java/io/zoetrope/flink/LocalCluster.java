package io.zoetrope.flink;

import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Flink inside this process, with its web UI on loopback, for the demo and the tests. */
public final class LocalCluster implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final MiniCluster cluster;
    private final Configuration settings;

    private LocalCluster(MiniCluster cluster, Configuration settings) {
        this.cluster = cluster;
        this.settings = settings;
    }

    /**
     * Starts a cluster of one task manager.
     *
     * @param slots how parallel a job can be
     * @param folder for checkpoints and temporary files
     * @param uiPort of the web UI and the REST API; where it is taken, a free one
     * @throws Exception if the cluster does not come up
     */
    public static LocalCluster start(int slots, Path folder, int uiPort) throws Exception {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(CoreOptions.TMP_DIRS, folder.resolve("tmp").toString());
        // The blob server takes files from whoever reaches it, and listens everywhere unless told otherwise.
        settings.set(JobManagerOptions.BIND_HOST, LOOPBACK);
        settings.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
        settings.set(RestOptions.ADDRESS, LOOPBACK);
        settings.set(RestOptions.BIND_ADDRESS, LOOPBACK);
        settings.set(RestOptions.BIND_PORT, uiPort + ",0");
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
        cluster.start();
        return new LocalCluster(cluster, settings);
    }

    /** An environment for a job that is to run here. */
    public StreamExecutionEnvironment environment() {
        return StreamExecutionEnvironment.getExecutionEnvironment(settings);
    }

    /** Starts a job; returns when the cluster has taken it. */
    public Job run(StreamExecutionEnvironment environment, String name) throws InterruptedException {
        var graph = environment.getStreamGraph();
        graph.setJobName(name);
        try {
            JobID id = cluster.submitJob(graph.getJobGraph()).get().getJobID();
            return new Job(id, cluster.requestJobResult(id));
        } catch (ExecutionException e) {
            throw new IllegalStateException("the local cluster refused the job " + name + ": " + e.getCause(), e);
        }
    }

    /** Cancels a job; returns when it has ended. */
    public void cancel(Job job) throws InterruptedException {
        try {
            cluster.cancelJob(job.id()).get();
            job.result().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the local cluster could not cancel " + job.id() + ": " + e.getCause(), e);
        }
    }

    /**
     * A job that was started.
     *
     * @param id under which the cluster knows it
     * @param result once it ends
     */
    public record Job(JobID id, CompletableFuture<JobResult> result) {}

    /** Where the web UI is served. */
    public URI webUi() throws InterruptedException {
        try {
            return cluster.getRestAddress().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the local cluster has no web UI", e);
        }
    }

    /** Stops the jobs and the cluster. */
    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
