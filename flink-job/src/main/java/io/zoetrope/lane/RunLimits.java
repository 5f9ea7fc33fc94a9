package io.zoetrope.lane;

import java.io.Serializable;
import java.time.Duration;

/**
 * The longest durations of a lane's native calls; a {@link Watchdog} ends a call that takes longer.
 *
 * @param run the limit of a run; a run that is expected to take long has {@link #MARGIN} times its expected duration
 * @param start the limit of opening a stage, and of its runs until the first one has ended, which may have to allocate
 *     memory and compile kernels
 */
public record RunLimits(Duration run, Duration start) implements Serializable {
    /** The factor between the expected duration of a run and its limit. */
    public static final int MARGIN = 20;

    /** The limits of lanes without a watchdog: no call reaches them. */
    static final RunLimits NONE = new RunLimits(Duration.ofNanos(Long.MAX_VALUE), Duration.ofNanos(Long.MAX_VALUE));

    /** Throws an {@link IllegalArgumentException} for a limit that is not positive. */
    public RunLimits {
        if (run.isNegative() || run.isZero() || start.isNegative() || start.isZero()) {
            throw new IllegalArgumentException(
                    "limits: expected durations of more than zero, got " + run + " and " + start);
        }
    }

    /**
     * Returns the limit of a run.
     *
     * @param expectedNanos the expected duration; 0 if the stage has not run yet
     */
    Duration of(double expectedNanos) {
        if (expectedNanos == 0) {
            return start;
        }
        Duration expected = Duration.ofNanos((long) (MARGIN * expectedNanos));
        return expected.compareTo(run) > 0 ? expected : run;
    }
}
