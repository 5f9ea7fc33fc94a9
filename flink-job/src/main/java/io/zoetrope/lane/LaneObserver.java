package io.zoetrope.lane;

import java.util.List;

/** Receives a lane's runs and measurements on the lane's thread. The device is idle meanwhile. Must not throw. */
public interface LaneObserver {
    /** Returns an observer that calls the given observers in order; without any, it does nothing. */
    static LaneObserver all(LaneObserver... observers) {
        List<LaneObserver> all = List.of(observers);
        return new LaneObserver() {
            @Override
            public void starts(String lane, long nanoTime) {
                all.forEach(observer -> observer.starts(lane, nanoTime));
            }

            @Override
            public void ran(LaneRun run) {
                all.forEach(observer -> observer.ran(run));
            }

            @Override
            public void measured(String lane, BatchTable table) {
                all.forEach(observer -> observer.measured(lane, table));
            }

            @Override
            public void limited(String lane, String stage, Object bucket, int batch) {
                all.forEach(observer -> observer.limited(lane, stage, bucket, batch));
            }

            @Override
            public void ended(String lane, HungRunException run) {
                all.forEach(observer -> observer.ended(lane, run));
            }

            @Override
            public void takenOut(String lane, LaneOutException reason) {
                all.forEach(observer -> observer.takenOut(lane, reason));
            }
        };
    }

    /**
     * Called when a run begins; {@link #ran} follows.
     *
     * @param lane the name of the lane
     * @param nanoTime the lane's {@link LaneClock#nanoTime} at the start of the run
     */
    default void starts(String lane, long nanoTime) {}

    /** Called when a run has ended, before its requests are completed. Not called for warm-ups and measurements. */
    default void ran(LaneRun run) {}

    /** Called when the batch size of a bucket is measured and chosen. */
    default void measured(String lane, BatchTable table) {}

    /**
     * Called when a batch had too little memory, and the batches of its bucket become smaller for good.
     *
     * @param batch the largest batch from now on
     */
    default void limited(String lane, String stage, Object bucket, int batch) {}

    /** Called when the watchdog has ended a run, before the stage is renewed. */
    default void ended(String lane, HungRunException run) {}

    /** Called when the lane is taken out of use, before its waiting requests fail. */
    default void takenOut(String lane, LaneOutException reason) {}
}
