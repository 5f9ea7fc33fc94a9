package io.zoetrope.flink;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does for a cluster in this process what a resource manager does for a real one. Flink ends the TaskManager of a
 * MiniCluster when it meets a fatal error in it, such as a task that does not react to its cancellation, and starts no
 * other: the process would live and answer nothing. This class starts another, and the job restarts on it.
 */
final class ClusterSupervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterSupervisor.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(10);
    /** The number of checks without a TaskManager until another is started, so that one that registers is not doubled. */
    private static final int MISSED_CHECKS = 3;

    private final MiniCluster cluster;
    private final CompletableFuture<JobResult> end = new CompletableFuture<>();
    private final Thread thread = new Thread(this::supervise, "cluster-supervisor");
    private int missed;

    private ClusterSupervisor(MiniCluster cluster) {
        this.cluster = cluster;
    }

    /** Supervises a running cluster until it is closed. */
    static ClusterSupervisor start(MiniCluster cluster) {
        ClusterSupervisor supervisor = new ClusterSupervisor(cluster);
        supervisor.thread.setDaemon(true);
        supervisor.thread.start();
        return supervisor;
    }

    /** Never completes with a result. Completes with an exception if the cluster ends though nobody closed it. */
    CompletableFuture<JobResult> end() {
        return end;
    }

    private void supervise() {
        try {
            while (cluster.isRunning()) {
                Thread.sleep(INTERVAL.toMillis());
                check();
            }
            end.completeExceptionally(new IllegalStateException(
                    "Flink in this process has ended after a fatal error; the log has it. Start again"));
        } catch (InterruptedException e) {
            // closed
        }
    }

    private void check() throws InterruptedException {
        try {
            int taskManagers = cluster.requestClusterOverview()
                    .get(RESPONSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .getNumTaskManagersConnected();
            missed = taskManagers > 0 ? 0 : missed + 1;
            if (missed >= MISSED_CHECKS) {
                LOG.error("the TaskManager has ended after a fatal error; starting another");
                missed = 0;
                cluster.startTaskManager();
            }
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.warn("the local cluster could not be supervised; trying again", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
