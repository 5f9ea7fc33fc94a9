package io.zoetrope.lane;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ends native calls that take longer than their limits. It first tries to make the call fail; where that has no effect
 * within a grace time, it ends the process, because no thread can be freed from native code.
 */
public final class Watchdog implements AutoCloseable {
    /** The time between the first attempt to end a call and the end of the process. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private static final Duration MAX_TICK = Duration.ofSeconds(1);
    private static final int TICKS_PER_LIMIT = 8;

    private final RunLimits limits;
    private final LaneClock clock;
    private final ProcessEnd processEnd;
    private final Duration tick;
    private final List<RunWatch> watches = new CopyOnWriteArrayList<>();
    private final Runnable stop;

    private Watchdog(RunLimits limits, LaneClock clock, ProcessEnd processEnd, Runnable stop) {
        this.limits = limits;
        this.clock = clock;
        this.processEnd = processEnd;
        this.stop = stop;
        Duration fine = limits.run().dividedBy(TICKS_PER_LIMIT);
        tick = fine.compareTo(MAX_TICK) < 0 ? fine : MAX_TICK;
    }

    /**
     * Starts a watchdog and its thread.
     *
     * @param name the thread is named {@code watchdog-} and this name
     * @param processEnd is called when a call does not end
     */
    public static Watchdog start(String name, RunLimits limits, LaneClock clock, ProcessEnd processEnd) {
        ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(checks -> {
            Thread thread = new Thread(checks, "watchdog-" + name);
            thread.setDaemon(true);
            return thread;
        });
        Watchdog watchdog = new Watchdog(limits, clock, processEnd, ticks::shutdownNow);
        // With a fixed delay, a process that was suspended does not catch up on the checks that it missed.
        long nanos = watchdog.tick.toNanos();
        ScheduledFuture<?> checks = ticks.scheduleWithFixedDelay(watchdog::check, nanos, nanos, TimeUnit.NANOSECONDS);
        assert !checks.isCancelled();
        return watchdog;
    }

    /** Returns a watchdog without a thread: a simulation calls {@link #check}. */
    static Watchdog byHand(RunLimits limits, LaneClock clock, ProcessEnd processEnd) {
        return new Watchdog(limits, clock, processEnd, () -> {});
    }

    /** Returns a watchdog that ends no call. */
    public static Watchdog off() {
        return byHand(RunLimits.NONE, LaneClock.system(), reason -> {});
    }

    /**
     * Makes a call on the current thread, which is not the thread of a lane, and ends it if it takes too long. The limit
     * is that of a lane's run with the same expected duration.
     *
     * @param stage the stage that makes the call, for messages
     * @param expectedNanos the expected duration; 0 if it is unknown
     * @param ender makes the call of a thread fail soon. It is called repeatedly until the call has returned, and not
     *     any more after that
     * @throws HungRunException if the call failed after it was ended
     * @throws Exception from the action
     */
    public <T> T call(String stage, double expectedNanos, Consumer<Thread> ender, Callable<T> action) throws Exception {
        RunWatch watch = watch("thread " + Thread.currentThread().getName());
        try {
            return watch.call(stage, limits.of(expectedNanos), ender, action);
        } finally {
            watches.remove(watch);
        }
    }

    /**
     * Returns a new watch, which is checked until the watchdog is closed.
     *
     * @param caller the lane or thread that makes the calls, for messages
     */
    RunWatch watch(String caller) {
        RunWatch watch = new RunWatch(caller, clock, tick, processEnd);
        watches.add(watch);
        return watch;
    }

    RunLimits limits() {
        return limits;
    }

    /** Returns the time between two checks. */
    Duration tick() {
        return tick;
    }

    /** Ends the calls that are over their limits. */
    void check() {
        watches.forEach(RunWatch::check);
    }

    /** Stops the checks. Called after the lanes have ended. */
    @Override
    public void close() {
        stop.run();
    }
}
