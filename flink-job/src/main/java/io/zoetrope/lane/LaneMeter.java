package io.zoetrope.lane;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;

/** Measures how busy one lane's device is, and keeps the lane's measured batch sizes. Readers never block the lane. */
public final class LaneMeter implements LaneObserver {
    private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();

    private final LaneClock clock;
    private final List<BatchTable> tables = new CopyOnWriteArrayList<>();
    private final AtomicLong endedRuns = new AtomicLong();
    /** The busy time up to now. Only the lane's thread writes it. */
    private volatile Busy busy = new Busy(0, OptionalLong.empty());

    /** The largest value that {@link #busy()} has returned. */
    private final LongAccumulator reported = new LongAccumulator(Math::max, 0);

    /** The start of the window of {@link #busyRatio()}. Guarded by this, as is {@code nextWindowStart}. */
    private Reading windowStart;

    private Reading nextWindowStart;

    /**
     * The busy time of the ended runs, and the start of the current run. It is one immutable value, so that a
     * concurrent reader counts a run that just ends exactly once.
     */
    private record Busy(long nanos, OptionalLong runningSince) {
        long until(long nanoTime) {
            return nanos + (runningSince.isPresent() ? Math.max(0, nanoTime - runningSince.getAsLong()) : 0);
        }
    }

    /** A reading of the busy time, with the time of the reading. */
    private record Reading(long nanoTime, long busyNanos) {}

    /**
     * Creates a meter that has counted nothing yet.
     *
     * @param clock the lane's clock
     */
    public LaneMeter(LaneClock clock) {
        this.clock = clock;
        windowStart = new Reading(clock.nanoTime(), 0);
        nextWindowStart = windowStart;
    }

    @Override
    public void ended(String lane, HungRunException run) {
        endedRuns.incrementAndGet();
    }

    @Override
    public void starts(String lane, long nanoTime) {
        busy = new Busy(busy.nanos(), OptionalLong.of(nanoTime));
    }

    @Override
    public void ran(LaneRun run) {
        busy = new Busy(busy.nanos() + run.took().toNanos(), OptionalLong.empty());
    }

    @Override
    public void measured(String lane, BatchTable table) {
        tables.add(table);
    }

    /** Returns how long the device has run up to now, a run in progress included. Never decreases. */
    public Duration busy() {
        // A run may have ended before the previous reading of the clock and been reported after it.
        reported.accumulate(busy.until(clock.nanoTime()));
        return Duration.ofNanos(reported.get());
    }

    /**
     * Returns the share of time in which the device was running, 0 to 1, over the last 10 to 20 seconds; over less time
     * after the start.
     */
    public double busyRatio() {
        return ratioInWindow(new Reading(clock.nanoTime(), busy().toNanos()));
    }

    /** Returns the ratio, and moves the window: once the window's next start is old enough, the window starts there. */
    private synchronized double ratioInWindow(Reading now) {
        if (now.nanoTime() - nextWindowStart.nanoTime() >= WINDOW_NANOS) {
            windowStart = nextWindowStart;
            nextWindowStart = now;
        }
        long nanos = now.nanoTime() - windowStart.nanoTime();
        double ratio = nanos <= 0 ? 0 : (double) (now.busyNanos() - windowStart.busyNanos()) / nanos;
        return Math.min(1, Math.max(0, ratio));
    }

    /** Returns the number of runs that the watchdog ended. */
    public long endedRuns() {
        return endedRuns.get();
    }

    /** Returns the batch sizes that were measured, in order. */
    public List<BatchTable> tables() {
        return List.copyOf(tables);
    }
}
