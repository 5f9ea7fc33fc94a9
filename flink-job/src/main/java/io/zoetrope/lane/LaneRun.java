package io.zoetrope.lane;

import java.time.Duration;

/**
 * One run of a stage on a device.
 *
 * @param lane the name of the lane
 * @param stage the name of the stage
 * @param bucket the key that all its requests have in common
 * @param batchSize the number of requests
 * @param startNanos the lane's {@link LaneClock#nanoTime} at the start of the run
 * @param endNanos the lane's {@link LaneClock#nanoTime} at the end of the run
 * @param failed whether the stage threw or returned a wrong number of results
 */
public record LaneRun(
        String lane, String stage, Object bucket, int batchSize, long startNanos, long endNanos, boolean failed) {
    /** Returns the duration of the run. */
    public Duration took() {
        return Duration.ofNanos(endNanos - startNanos);
    }
}
