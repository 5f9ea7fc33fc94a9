package io.zoetrope.lane;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;

/** A lane's clock: wall-clock instants for deadlines, and a monotonic count of nanoseconds for durations. */
public interface LaneClock extends InstantSource {
    /** Returns the clock of the machine. */
    static LaneClock system() {
        return new LaneClock() {
            @Override
            public Instant instant() {
                return Instant.now();
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            @SuppressWarnings("WaitNotInLoop") // the caller checks its condition in a loop
            public void await(Condition condition, long nanos) throws InterruptedException {
                long left = condition.awaitNanos(nanos);
                assert left <= nanos : left;
            }
        };
    }

    /** Returns nanoseconds since an arbitrary fixed time. Monotonic, also when the wall clock is corrected. */
    long nanoTime();

    /**
     * Waits until the condition is signalled or the time has passed. May return early, so the caller checks in a loop.
     *
     * @param condition the condition; the caller holds its lock
     * @param nanos the longest time to wait
     */
    void await(Condition condition, long nanos) throws InterruptedException;
}
