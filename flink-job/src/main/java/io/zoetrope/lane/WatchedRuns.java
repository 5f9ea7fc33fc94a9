package io.zoetrope.lane;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Runs the stages of a lane under its watch. After a run that had to be ended or met a fault of the device, the stage is
 * renewed before its next run, because its state is unknown. A lane is taken out of use if that fails, if batches of a
 * stage hang again and again, or if the device fails again and again. Used by the lane's thread only.
 */
final class WatchedRuns {
    /** The number of hung batches of a stage in a row, without any successful run, after which the lane is taken out. */
    static final int MAX_HUNG_BATCHES = 3;

    /** The number of runs in a row, of any stage, with a fault of the device after which the lane is taken out. */
    static final int MAX_DEVICE_FAULTS = 3;

    private final String lane;
    private final LaneQueue queue;
    private final LaneObserver observer;
    private final RunLimits limits;
    private final RunWatch watch;
    /** The stages that have to be renewed before they run again. */
    private final Set<StageSpec<?, ?>> toRenew = new HashSet<>();
    /** The number of hung batches of each stage since its last successful run. */
    private final Map<StageSpec<?, ?>, Integer> hungBatches = new HashMap<>();

    /** The number of runs with a fault of the device since the last successful run. */
    private int deviceFaults;

    private @Nullable LaneOutException out;

    WatchedRuns(String lane, LaneQueue queue, LaneObserver observer, Watchdog watchdog) {
        this.lane = lane;
        this.queue = queue;
        this.observer = observer;
        this.limits = watchdog.limits();
        this.watch = watchdog.watch("lane " + lane);
    }

    /**
     * Runs a batch.
     *
     * @throws HungRunException if the run had to be ended
     * @throws LaneOutException if the lane is out of use, or is taken out because the stage cannot be renewed
     * @throws Exception from the stage
     */
    <I, O> List<O> run(Bucket<I, O> bucket, List<I> batch) throws Exception {
        StageSpec<I, O> spec = bucket.spec();
        if (toRenew.contains(spec)) {
            renew(spec);
        }
        Duration limit = limits.of(queue.expectedNanos(bucket, batch.size()));
        try {
            List<O> results = call(spec, limit, () -> spec.stage().run(batch));
            hungBatches.remove(spec);
            deviceFaults = 0;
            return results;
        } catch (HungRunException ended) {
            toRenew.add(spec);
            observer.ended(lane, ended);
            throw ended;
        }
    }

    private <T> T call(StageSpec<?, ?> spec, Duration limit, Callable<T> action) throws Exception {
        return watch.call(spec.name(), limit, spec.stage()::end, action);
    }

    private void renew(StageSpec<?, ?> spec) {
        if (out != null) {
            throw out;
        }
        try {
            // Each has its own limit, so the time to free the old session does not count for the new one.
            call(spec, limits.start(), () -> {
                spec.stage().discard();
                return true;
            });
            call(spec, limits.start(), () -> {
                spec.stage().renew();
                return true;
            });
        } catch (Throwable fault) { // Catches Errors too: a native library may fail with one.
            throw takeOut("stage " + spec.name() + " could not be opened again after a run that hung or met a"
                    + " fault of the device, " + fault);
        }
        toRenew.remove(spec);
    }

    /** Counts a hung batch. */
    void batchHung(StageSpec<?, ?> spec) {
        hungBatches.merge(spec, 1, Integer::sum);
    }

    /** Takes the lane out of use if too many batches of a stage hung and no request has succeeded since. */
    void takeOutIfHangsPersist(StageSpec<?, ?> spec) {
        int count = hungBatches.getOrDefault(spec, 0);
        if (out == null && count >= MAX_HUNG_BATCHES) {
            takeOut(count + " batches of stage " + spec.name() + " in a row hung");
        }
    }

    /**
     * Counts a run that met a fault of the device; the stage is renewed before its next run. Takes the lane out of use
     * if too many runs in a row did.
     */
    void deviceFailed(StageSpec<?, ?> spec, Throwable fault) {
        toRenew.add(spec);
        deviceFaults++;
        if (out == null && deviceFaults >= MAX_DEVICE_FAULTS) {
            takeOut(deviceFaults + " runs in a row met a fault of the device, the last one in stage " + spec.name()
                    + ": " + fault.getMessage());
        }
    }

    private LaneOutException takeOut(String reason) {
        LaneOutException taken = new LaneOutException(lane, reason);
        out = taken;
        observer.takenOut(lane, taken);
        queue.takeOut(taken);
        return taken;
    }
}
