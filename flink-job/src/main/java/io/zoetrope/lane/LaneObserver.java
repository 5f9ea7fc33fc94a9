package io.zoetrope.lane;

import java.util.List;

/** Is told what a lane does, on the lane's thread: the device waits meanwhile. Must not throw. */
public interface LaneObserver {
    /** Tells each in turn. */
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
        };
    }

    /**
     * A run begins; {@link #ran} follows.
     *
     * @param lane its name
     * @param nanoTime when, by the lane's {@link LaneClock#nanoTime}
     */
    default void starts(String lane, long nanoTime) {}

    /** A run has ended. Its requests are answered after this. Warm-ups and measurements are not told. */
    default void ran(LaneRun run) {}

    /** The batch size of a bucket was chosen. */
    default void measured(String lane, BatchTable table) {}
}
