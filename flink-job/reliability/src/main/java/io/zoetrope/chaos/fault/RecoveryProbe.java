package io.zoetrope.chaos.fault;

import io.zoetrope.chaos.job.RunningJob;
import java.io.IOException;
import java.util.Optional;

/** Watches through Flink's REST API when a job notices a fault, and when all of its tasks run again. */
public final class RecoveryProbe implements AutoCloseable {
    private static final long INTERVAL_MILLIS = 100;

    private final RunningJob job;
    private final Thread thread = new Thread(this::run, "recovery-probe");
    private volatile boolean closed;
    private volatile long noticed;
    private volatile long running;

    /** Starts to watch. */
    public RecoveryProbe(RunningJob job) {
        this.job = job;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        boolean before = true;
        while (!closed) {
            boolean now;
            try {
                now = job.allTasksRun();
            } catch (IOException e) {
                now = false; // the JobManager is down
            }
            if (before && !now && noticed == 0) {
                noticed = System.currentTimeMillis();
            }
            if (!before && now) {
                running = System.currentTimeMillis();
            }
            before = now;
            try {
                Thread.sleep(INTERVAL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Returns the time at which a task was first seen not to run; empty if that was never seen. */
    public Optional<Long> noticedMillis() {
        return noticed == 0 ? Optional.empty() : Optional.of(noticed);
    }

    /** Returns the last time at which all tasks were seen to run again; empty if that was never seen. */
    public Optional<Long> runningMillis() {
        return running == 0 ? Optional.empty() : Optional.of(running);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
    }
}
