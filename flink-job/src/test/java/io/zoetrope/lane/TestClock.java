package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/** Time that passes when a test says so. */
class TestClock implements LaneClock {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private volatile long nanos;

    @Override
    public Instant instant() {
        return START.plusNanos(nanos);
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    /** Nobody signals when time is advanced, so it looks often. */
    @Override
    @SuppressWarnings({"WaitNotInLoop", "ResultOfMethodCallIgnored"}) // the caller loops
    public void await(Condition condition, long atMost) throws InterruptedException {
        condition.await(1, TimeUnit.MILLISECONDS);
    }

    void advance(Duration duration) {
        advance(duration.toNanos());
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread advances
    void advance(long more) {
        nanos += more;
    }
}
