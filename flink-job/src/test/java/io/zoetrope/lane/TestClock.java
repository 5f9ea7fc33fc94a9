package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;

/** A clock that a test advances. */
public class TestClock implements LaneClock {
    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    private final AtomicLong nanos = new AtomicLong();

    @Override
    public Instant instant() {
        return START.plusNanos(nanoTime());
    }

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    /** Returns after 1 ms at the latest, because no thread signals the condition when time is advanced. */
    @Override
    @SuppressWarnings({"WaitNotInLoop", "ResultOfMethodCallIgnored"}) // the caller loops
    public void await(Condition condition, long atMost) throws InterruptedException {
        condition.await(1, TimeUnit.MILLISECONDS);
    }

    /** Moves the time forward. */
    public void advance(Duration duration) {
        advance(duration.toNanos());
    }

    void advance(long more) {
        nanos.addAndGet(more);
    }
}
