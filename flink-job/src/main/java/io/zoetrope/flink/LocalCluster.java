package io.zoetrope.flink;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptionsInternal;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.runtime.executiongraph.ErrorInfo;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A Flink cluster inside this process, for the command line, the tests and the benchmarks. It listens on loopback only,
 * its web UI also elsewhere if the caller says so. Its REST API is read-only: see {@link RestGuard}.
 */
public final class LocalCluster implements AutoCloseable {
    /** The address that nothing but this machine reaches. */
    public static final String LOOPBACK = "127.0.0.1";

    private final MiniCluster cluster;
    private final Configuration settings;
    private final ClusterSupervisor supervisor;

    private LocalCluster(MiniCluster cluster, Configuration settings) {
        this.cluster = cluster;
        this.settings = settings;
        this.supervisor = ClusterSupervisor.start(cluster);
    }

    /** Starts a cluster of one TaskManager, whose web UI listens on loopback. */
    public static LocalCluster start(int slots, Path folder, int uiPort) throws Exception {
        return start(slots, folder, LOOPBACK, uiPort);
    }

    /**
     * Starts a cluster of one TaskManager.
     *
     * @param slots the number of slots, which limits the parallelism of a job
     * @param folder the folder of checkpoints and temporary files
     * @param uiHost the address or host name that the web UI and the REST API listen on
     * @param uiPort the port of the web UI and the REST API; if it is in use, a free one is used instead
     * @throws Exception if the cluster does not start
     */
    public static LocalCluster start(int slots, Path folder, String uiHost, int uiPort) throws Exception {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(CoreOptions.TMP_DIRS, folder.resolve("tmp").toString());
        // The blob server accepts files from every client, and listens on all interfaces by default.
        settings.set(JobManagerOptions.BIND_HOST, LOOPBACK);
        settings.set(TaskManagerOptions.BIND_HOST, LOOPBACK);
        settings.set(RestOptions.ADDRESS, uiHost);
        settings.set(RestOptions.BIND_ADDRESS, uiHost);
        settings.set(RestGuards.HOSTS, List.of("localhost", uiHost));
        // By default in a folder of a known name below the system's folder for temporary files.
        settings.set(WebOptions.TMP_DIR, folder.resolve("tmp").toString());
        settings.set(WebOptions.SUBMIT_ENABLE, false);
        settings.set(WebOptions.CANCEL_ENABLE, false);
        settings.set(WebOptions.RESCALE_ENABLE, false);
        settings.set(RestOptions.BIND_PORT, uiPort + ",0");
        // Prompts wait in the state of `generate`, in the order of their turns, and not between two operators, where
        // each checkpoint would have to store them. Flink's default buffers hold about 2,000 small prompts.
        settings.set(TaskManagerOptions.MEMORY_SEGMENT_SIZE, new MemorySize(4 << 10));
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(settings)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
        cluster.start();
        return new LocalCluster(cluster, settings);
    }

    /** Returns an environment to build a job in that this cluster will run. */
    public StreamExecutionEnvironment environment() {
        return StreamExecutionEnvironment.getExecutionEnvironment(settings);
    }

    /** Submits a job. Returns when the cluster has accepted it. */
    public Job run(StreamExecutionEnvironment environment, String name) throws InterruptedException {
        var graph = environment.getStreamGraph();
        graph.setJobName(name);
        environment
                .getConfiguration()
                .getOptional(PipelineOptionsInternal.PIPELINE_FIXED_JOB_ID)
                .ifPresent(id -> graph.setJobId(JobID.fromHexString(id)));
        try {
            JobID id = cluster.submitJob(graph.getJobGraph()).get().getJobID();
            return new Job(id, cluster.requestJobResult(id).applyToEither(supervisor.end(), result -> result));
        } catch (ExecutionException e) {
            throw new IllegalStateException("the local cluster refused the job " + name + ": " + e.getCause(), e);
        }
    }

    /**
     * Takes a savepoint while the job runs. Flink does not notify the job of it, so nothing is committed with it.
     *
     * @return the path of the savepoint
     */
    String savepoint(Job job, String target) throws InterruptedException, ExecutionException {
        return cluster.triggerSavepoint(job.id(), target, false, SavepointFormatType.CANONICAL)
                .get();
    }

    /** Stops a job with a savepoint after it has ended the job's input. */
    CompletableFuture<String> drain(Job job, String target) {
        return cluster.stopWithSavepoint(job.id(), target, true, SavepointFormatType.CANONICAL);
    }

    /** Takes a checkpoint, and returns when it is complete. */
    void checkpoint(Job job) throws InterruptedException, ExecutionException {
        var unused = cluster.triggerCheckpoint(job.id()).get();
    }

    /** Ends the TaskManager as a fatal error in it does. The cluster starts another. */
    void endTaskManager() throws InterruptedException {
        try {
            cluster.terminateTaskManager(0).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the TaskManager could not be ended: " + e.getCause(), e);
        }
    }

    /**
     * The newest failure of a job that runs or restarts.
     *
     * @param error the exception and its time
     * @param count the number of failures until now
     */
    public record Failure(ErrorInfo error, int count) {}

    /** Returns the newest failure of a job; empty if there was none, or the job or the cluster has ended. */
    public Optional<Failure> failure(Job job) throws InterruptedException {
        try {
            AccessExecutionGraph graph = cluster.getExecutionGraph(job.id()).get();
            int count = 0;
            for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
                boolean ended = vertex.getExecutionState().isTerminal();
                int failedBefore = vertex.getCurrentExecutionAttempt().getAttemptNumber();
                count = Math.max(count, failedBefore + (ended ? 1 : 0));
            }
            ErrorInfo error = graph.getFailureInfo();
            return error == null ? Optional.empty() : Optional.of(new Failure(error, count));
        } catch (ExecutionException | IllegalStateException e) {
            return Optional.empty(); // the job or the cluster has ended
        }
    }

    /**
     * Stops a job with a savepoint. Blocks until it has ended.
     *
     * @param target the folder for the savepoint
     * @param timeout how long to wait for the savepoint, and then for the end of the job
     * @return the path of the savepoint
     * @throws TimeoutException if the job has not stopped in time; it continues to run then
     */
    public String stopWithSavepoint(Job job, String target, Duration timeout)
            throws InterruptedException, TimeoutException {
        try {
            String savepoint = cluster.stopWithSavepoint(job.id(), target, false, SavepointFormatType.CANONICAL)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            job.result().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return savepoint;
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    "the job " + job.id() + " could not be stopped with a savepoint: " + e.getCause(), e);
        }
    }

    /** Cancels a job. Blocks until it has ended. */
    public void cancel(Job job) throws InterruptedException {
        try {
            cluster.cancelJob(job.id()).get();
            job.result().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the local cluster could not cancel " + job.id() + ": " + e.getCause(), e);
        }
    }

    /**
     * A submitted job.
     *
     * @param id the cluster's id of the job
     * @param result completes when the job ends, or with an exception if the cluster ends before it
     */
    public record Job(JobID id, CompletableFuture<JobResult> result) {}

    /** Returns the address of the web UI. */
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
        supervisor.close();
        cluster.close();
    }
}
