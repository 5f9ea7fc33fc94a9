package io.zoetrope.cli;

import io.zoetrope.flink.LocalCluster;
import io.zoetrope.flink.StateFolder;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Stops a job with a savepoint when the process receives a stop signal. If the job has not started yet, ends the
 * process at once.
 */
final class GracefulStop implements Runnable {
    /**
     * A savepoint waits until the model has answered the prompts in front of it; after a burst that takes longer than a
     * container's time to stop. The newest checkpoint holds the same requests, so the stop does not wait for long.
     */
    private static final Duration SAVEPOINT_TIMEOUT = Duration.ofSeconds(5);

    /**
     * The time limit of the whole stop: the savepoint, the end of the job or its cancellation, and the end of Flink.
     */
    static final Duration LIMIT = SAVEPOINT_TIMEOUT.multipliedBy(2).plusSeconds(20);

    private final StateFolder state;
    private final Progress progress;
    private volatile @Nullable Runnable stop;

    GracefulStop(StateFolder state, Progress progress) {
        this.state = state;
        this.progress = progress;
    }

    /** Records that a job has started, so that a signal stops it with a savepoint from now on. */
    void started(LocalCluster cluster, LocalCluster.Job job) {
        stop = () -> stop(cluster, job);
    }

    @Override
    public void run() {
        Runnable action = stop;
        if (action == null) {
            // No session is open yet, so the JVM's shutdown hooks are safe.
            System.exit(StopSignals.INTERRUPTED);
        } else {
            action.run();
        }
    }

    private void stop(LocalCluster cluster, LocalCluster.Job job) {
        progress.print("stopping with a savepoint, for at most " + SAVEPOINT_TIMEOUT.toSeconds()
                + " s; Ctrl-C again ends at once");
        try {
            String savepoint = cluster.stopWithSavepoint(job, state.savepoints(), SAVEPOINT_TIMEOUT);
            progress.print("stopped; the next start restores " + savepoint);
        } catch (Exception e) {
            String reason = e instanceof TimeoutException ? "it would take longer" : String.valueOf(e.getMessage());
            progress.print("no savepoint (" + reason + "); the next start restores the newest checkpoint");
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
