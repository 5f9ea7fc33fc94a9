package io.zoetrope.cli;

import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Stops a job with a savepoint when the process is asked to end. A second signal, or one before the job has started, ends the
 * process at once: then the next start restores the newest checkpoint.
 */
final class GracefulStop implements Runnable {
    /** A savepoint takes about as long as a checkpoint. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final StateFolder state;
    private final Progress progress;
    /** Null until the job has started. Guarded by this, as is the next field. */
    private @Nullable Runnable stop;

    private boolean stopping;

    GracefulStop(StateFolder state, Progress progress) {
        this.state = state;
        this.progress = progress;
    }

    /** From now on a signal stops this job. */
    synchronized void started(LocalCluster cluster, LocalCluster.Job job) {
        stop = () -> stop(cluster, job);
    }

    @Override
    public void run() {
        Runnable action = claim();
        if (action == null) {
            Runtime.getRuntime().halt(Zoetrope.OK);
        } else {
            action.run();
        }
    }

    private synchronized @Nullable Runnable claim() {
        if (stopping) {
            return null;
        }
        stopping = true;
        return stop;
    }

    private void stop(LocalCluster cluster, LocalCluster.Job job) {
        progress.print(
                "stopping with a savepoint, for at most " + TIMEOUT.toSeconds() + " s; Ctrl-C again ends at once");
        try {
            String savepoint = cluster.stopWithSavepoint(job, state.savepoints(), TIMEOUT);
            progress.print("stopped; the next start restores " + savepoint);
        } catch (Exception e) {
            progress.print("no savepoint (" + e.getMessage() + "); the next start restores the newest checkpoint");
            cancel(cluster, job);
        }
    }

    private static void cancel(LocalCluster cluster, LocalCluster.Job job) {
        try {
            cluster.cancel(job);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
