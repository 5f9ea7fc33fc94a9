package io.zoetrope.lane;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches the native call that a thread has in progress. That thread begins and ends calls; the watchdog's thread checks
 * them. Both hold the monitor, so a call that has returned is never ended.
 */
final class RunWatch {
    private final String caller;
    private final LaneClock clock;
    private final long tickNanos;
    private final ProcessEnd processEnd;
    private @Nullable Call call;

    /** A call in progress. */
    private static final class Call {
        private final String stage;
        private final Duration limit;
        private final Consumer<Thread> ender;
        private final Thread thread = Thread.currentThread();
        private long checkedAt;
        private long elapsed;
        private boolean ended;
        private boolean processEnded;
        private String endFault = "";

        private Call(String stage, Duration limit, Consumer<Thread> ender, long now) {
            this.stage = stage;
            this.limit = limit;
            this.ender = ender;
            this.checkedAt = now;
        }
    }

    /**
     * Creates a watch without a call.
     *
     * @param caller the lane or thread that makes the calls, for the message with which the process ends
     */
    RunWatch(String caller, LaneClock clock, Duration tick, ProcessEnd processEnd) {
        this.caller = caller;
        this.clock = clock;
        this.tickNanos = tick.toNanos();
        this.processEnd = processEnd;
    }

    /**
     * Makes a call on the current thread.
     *
     * @param stage the stage that makes the call, for messages
     * @param ender makes the call of a thread fail soon
     * @throws HungRunException if the call failed after it was ended
     * @throws Exception from the action
     */
    <T> T call(String stage, Duration limit, Consumer<Thread> ender, Callable<T> action) throws Exception {
        begin(new Call(stage, limit, ender, clock.nanoTime()));
        T result;
        try {
            result = action.call();
        } catch (Throwable fault) {
            if (end()) {
                throw new HungRunException(stage, limit, fault);
            }
            throw fault;
        }
        end();
        return result;
    }

    private synchronized void begin(Call begun) {
        call = begun;
    }

    /** Returns whether the watchdog tried to end the call. */
    private synchronized boolean end() {
        boolean ended = call != null && call.ended;
        call = null;
        return ended;
    }

    /**
     * Ends the call if it is over its limit: at every check anew, because a stage may make several native calls in one
     * run. A gap between two checks counts as two ticks at most: in a longer gap the whole process was suspended, and
     * the call with it.
     */
    synchronized void check() {
        Call current = call;
        if (current == null) {
            return;
        }
        long now = clock.nanoTime();
        current.elapsed += Math.min(now - current.checkedAt, 2 * tickNanos);
        current.checkedAt = now;
        long over = current.elapsed - current.limit.toNanos();
        if (over < 0) {
            return;
        }
        current.ended = true;
        if (over < Watchdog.GRACE.toNanos()) {
            end(current);
        } else if (!current.processEnded) {
            current.processEnded = true;
            processEnd.end(caller + ", stage " + current.stage + ": a native call did not end within "
                    + current.limit.toMillis() + " ms, nor within " + Watchdog.GRACE.toMillis()
                    + " ms after the watchdog tried to end it" + current.endFault
                    + "; no thread can leave it, so this process ends now;"
                    + " check the device and its driver, and start the process again");
        }
    }

    /** Ends a call. If that fails, the check after the grace ends the process; the watchdog has to go on until then. */
    private static void end(Call current) {
        try {
            current.ender.accept(current.thread);
        } catch (RuntimeException | LinkageError e) {
            current.endFault = "; ending it failed: " + e;
        }
    }
}
