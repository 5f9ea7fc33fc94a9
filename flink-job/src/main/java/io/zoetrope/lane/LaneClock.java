package io.zoetrope.lane;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.Condition;

/** A lane's time: instants for deadlines, which the world sets, and a steady count for durations. */
public interface LaneClock extends InstantSource {
    /** The clock of the system. */
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

    /** Nanoseconds since a moment that never changes; steady when the system's time is corrected. */
    long nanoTime();

    /**
     * Waits until the condition is signalled or the time is over, whichever is first; may return before.
     *
     * @param condition whose lock the caller holds
     * @param nanos how long at most
     */
    void await(Condition condition, long nanos) throws InterruptedException;
}
