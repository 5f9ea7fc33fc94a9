package io.zoetrope.lane;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Watches the native call that a lane's thread has in progress. The lane's thread begins and ends calls; the watchdog's
 * thread checks them. Both hold the monitor, so a call that has returned is never ended.
 */
final class RunWatch {
    private final String lane;
    private final LaneClock clock;
    private final long tickNanos;
    private final ProcessEnd processEnd;
    private @Nullable Call call;

    /** A call in progress. */
    private static final class Call {
        private final StageSpec<?, ?> spec;
        private final Duration limit;
        private final Thread thread = Thread.currentThread();
        private long checkedAt;
        private long elapsed;
        private boolean ended;
        private boolean processEnded;
        private String endFault = "";

        private Call(StageSpec<?, ?> spec, Duration limit, long now) {
            this.spec = spec;
            this.limit = limit;
            this.checkedAt = now;
        }
    }

    RunWatch(String lane, LaneClock clock, Duration tick, ProcessEnd processEnd) {
        this.lane = lane;
        this.clock = clock;
        this.tickNanos = tick.toNanos();
        this.processEnd = processEnd;
    }

    /**
     * Makes a call on the current thread.
     *
     * @throws HungRunException if the call failed after it was ended
     * @throws Exception from the action
     */
    <T> T call(StageSpec<?, ?> spec, Duration limit, Callable<T> action) throws Exception {
        begin(new Call(spec, limit, clock.nanoTime()));
        T result;
        try {
            result = action.call();
        } catch (Throwable fault) {
            if (end()) {
                throw new HungRunException(spec.name(), limit, fault);
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
            processEnd.end("lane " + lane + ", stage " + current.spec.name() + ": a native call did not end within "
                    + current.limit.toMillis() + " ms, nor within " + Watchdog.GRACE.toMillis()
                    + " ms after the watchdog tried to end it" + current.endFault
                    + "; no thread can leave it, so this process ends now;"
                    + " check the device and its driver, and start the process again");
        }
    }

    /** Ends a call. If that fails, the check after the grace ends the process; the watchdog has to go on until then. */
    private static void end(Call current) {
        try {
            current.spec.stage().end(current.thread);
        } catch (RuntimeException | LinkageError e) {
            current.endFault = "; ending it failed: " + e;
        }
    }
}
