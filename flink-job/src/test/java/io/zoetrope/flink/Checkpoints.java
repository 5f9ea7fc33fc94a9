package io.zoetrope.flink;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Takes checkpoints and savepoints of a job at the moment that a test chooses. */
public record Checkpoints(LocalCluster cluster, LocalCluster.Job job) {
    /** Takes a savepoint while the job runs. Nothing is committed with it. */
    public String savepoint(String folder) throws InterruptedException, ExecutionException {
        return cluster.savepoint(job, folder);
    }

    /** Stops the job with {@code --drain}, which ends its input. The result is the path of the savepoint. */
    public CompletableFuture<String> drain(String folder) {
        return cluster.drain(job, folder);
    }

    /** Ends the TaskManager as a fatal error in it does; another one starts, and the job with it. */
    public void endTaskManager() throws InterruptedException {
        cluster.endTaskManager();
    }

    /** Takes a checkpoint, and returns when it is complete. */
    public void checkpoint() throws InterruptedException, ExecutionException {
        cluster.checkpoint(job);
    }
}
