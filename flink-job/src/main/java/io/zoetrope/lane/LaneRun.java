package io.zoetrope.lane;

import java.time.Duration;

/**
 * One run of a stage on a device.
 *
 * @param lane its name
 * @param stage its name
 * @param bucket of all its requests
 * @param batchSize how many
 * @param startNanos when it began, by the lane's {@link LaneClock#nanoTime}
 * @param endNanos when it ended
 * @param failed whether the stage threw or answered a wrong count
 */
public record LaneRun(
        String lane, String stage, Object bucket, int batchSize, long startNanos, long endNanos, boolean failed) {
    /** How long it took. */
    public Duration took() {
        return Duration.ofNanos(endNanos - startNanos);
    }
}
