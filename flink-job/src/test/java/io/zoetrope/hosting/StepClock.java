package io.zoetrope.hosting;

import io.zoetrope.lane.LaneClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;

/** Time that moves only when a test says so. */
public final class StepClock implements LaneClock {
    private final AtomicLong nanos = new AtomicLong();

    public void advance(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    @Override
    public Instant instant() {
        return Instant.EPOCH.plusNanos(nanos.get());
    }

    @Override
    public long nanoTime() {
        return nanos.get();
    }

    /** Never over by itself: tests set no waiting time that would have to pass. */
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    @Override
    public void await(Condition condition, long waitNanos) throws InterruptedException {
        condition.await();
    }
}
