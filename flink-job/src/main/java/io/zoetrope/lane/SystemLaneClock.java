package io.zoetrope.lane;

import java.time.Instant;
import java.util.concurrent.locks.Condition;

/** The time of the machine. */
enum SystemLaneClock implements LaneClock {
    INSTANCE;

    @Override
    public Instant instant() {
        return Instant.now();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // the caller loops, and asks for the time left
    public void await(Condition condition, long nanos) throws InterruptedException {
        long left = condition.awaitNanos(nanos);
        assert left <= nanos : left;
    }
}
