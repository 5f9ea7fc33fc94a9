package io.zoetrope.hosting;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs tasks later. A parameter, so that tests control the time. */
@FunctionalInterface
public interface Delay {
    /**
     * Runs a task after a duration, on another thread.
     *
     * @return cancels the task, unless it has begun
     */
    Runnable after(Duration duration, Runnable task);

    /** Returns a delay that never runs a task. */
    static Delay none() {
        return (duration, task) -> () -> {};
    }

    /** Returns a delay with a thread of its own, which exists only while a task waits. */
    static Delay onThread(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setKeepAliveTime(1, TimeUnit.SECONDS);
        executor.allowCoreThreadTimeOut(true);
        return (duration, task) -> {
            ScheduledFuture<?> scheduled = executor.schedule(task, duration.toMillis(), TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        };
    }
}
