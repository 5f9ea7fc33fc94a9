package io.zoetrope.lane;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAccumulator;

/** Counts what one lane does. Reading never holds the lane up. */
public final class LaneMeter implements LaneObserver {
    private final LaneClock clock;
    private final ConcurrentMap<String, StageMeter> stages = new ConcurrentHashMap<>();
    private final List<BatchTable> tables = new CopyOnWriteArrayList<>();
    private final BusyShare share;
    /** Written by the lane's thread alone. */
    private volatile Busy busy = new Busy(0, OptionalLong.empty());

    private final LongAccumulator told = new LongAccumulator(Math::max, 0);

    /** In one piece, so that a run that ends is never counted twice nor left out by who reads just then. */
    private record Busy(long nanos, OptionalLong runningSince) {
        long until(long nanoTime) {
            return nanos + (runningSince.isPresent() ? Math.max(0, nanoTime - runningSince.getAsLong()) : 0);
        }
    }

    /**
     * Starts at zero.
     *
     * @param clock that of the lane
     */
    public LaneMeter(LaneClock clock) {
        this.clock = clock;
        this.share = new BusyShare(clock.nanoTime());
    }

    @Override
    public void starts(String lane, long nanoTime) {
        busy = new Busy(busy.nanos(), OptionalLong.of(nanoTime));
    }

    @Override
    public void ran(LaneRun run) {
        busy = new Busy(busy.nanos() + run.endNanos() - run.startNanos(), OptionalLong.empty());
        stages.computeIfAbsent(run.stage(), stage -> new StageMeter()).add(run);
    }

    @Override
    public void measured(String lane, BatchTable table) {
        tables.add(table);
    }

    /** How long the device has run, up to now; never less than at a reading before. */
    public Duration busy() {
        // A run may have ended before the last reading of the clock, and have been told after it.
        told.accumulate(busy.until(clock.nanoTime()));
        return Duration.ofNanos(told.get());
    }

    /** The share of the last 10 to 20 seconds that the device was running, 0 to 1; of less at the start. */
    public double busyRatio() {
        return share.read(clock.nanoTime(), busy().toNanos());
    }

    /** What each stage did, by its name. */
    public Map<String, StageMeter> stages() {
        return Map.copyOf(stages);
    }

    /** The batch sizes that were measured, in their order. */
    public List<BatchTable> tables() {
        return List.copyOf(tables);
    }
}
