package io.zoetrope.lane;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** Counts what one lane does. Reading never holds the lane up. */
public final class LaneMeter implements LaneObserver {
    private static final long IDLE = Long.MIN_VALUE;

    private final LaneClock clock;
    private final LongAdder busyNanos = new LongAdder();
    private final ConcurrentMap<String, StageMeter> stages = new ConcurrentHashMap<>();
    private final List<BatchTable> tables = new CopyOnWriteArrayList<>();
    private final BusyShare share;
    private volatile long runningSince = IDLE;

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
        runningSince = nanoTime;
    }

    @Override
    public void ran(LaneRun run) {
        runningSince = IDLE;
        busyNanos.add(run.endNanos() - run.startNanos());
        stages.computeIfAbsent(run.stage(), stage -> new StageMeter()).add(run);
    }

    @Override
    public void measured(String lane, BatchTable table) {
        tables.add(table);
    }

    /** How long the device has run, up to now. */
    public Duration busy() {
        long since = runningSince;
        long running = since == IDLE ? 0 : Math.max(0, clock.nanoTime() - since);
        return Duration.ofNanos(busyNanos.sum() + running);
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
