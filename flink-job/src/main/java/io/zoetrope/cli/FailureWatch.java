package io.zoetrope.cli;

import io.zoetrope.flink.LocalCluster;
import java.time.Duration;

/**
 * Prints why a job restarts. Flink restarts a failed job for as long as the fault lasts, and reports that only in its
 * log: on the console the job would seem to run, without answers.
 */
final class FailureWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    /** The shortest time between two lines, so that a fault that lasts does not fill the console. */
    private static final Duration QUIET = Duration.ofSeconds(10);

    private final Thread thread;

    private FailureWatch(Thread thread) {
        this.thread = thread;
    }

    /** Watches a job until it is closed. */
    static FailureWatch start(LocalCluster cluster, LocalCluster.Job job, Progress progress) {
        Thread thread = new Thread(() -> watch(cluster, job, progress), "failure-watch");
        thread.setDaemon(true);
        thread.start();
        return new FailureWatch(thread);
    }

    private static void watch(LocalCluster cluster, LocalCluster.Job job, Progress progress) {
        long printed = 0;
        try {
            while (true) {
                Thread.sleep(INTERVAL.toMillis());
                var failure = cluster.failure(job);
                if (failure.isPresent() && failure.get().error().getTimestamp() > printed) {
                    progress.print("restart  " + failure.get().count() + " so far, the newest because of: "
                            + JobEndReason.of(failure.get().error().getExceptionAsString()));
                    printed = failure.get().error().getTimestamp() + QUIET.toMillis();
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
