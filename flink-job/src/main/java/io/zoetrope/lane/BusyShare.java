package io.zoetrope.lane;

import java.time.Duration;

/** A ratio over a window that slides when it is read. */
final class BusyShare {
    private static final long WINDOW_NANOS = Duration.ofSeconds(10).toNanos();

    private Mark from;
    private Mark next;

    BusyShare(long nowNanos) {
        from = new Mark(nowNanos, 0);
        next = from;
    }

    private record Mark(long nanos, long busyNanos) {}

    /** The share from the first mark on; the second takes its place when it is old enough. */
    synchronized double read(long nowNanos, long busyNanos) {
        if (nowNanos - next.nanos() >= WINDOW_NANOS) {
            from = next;
            next = new Mark(nowNanos, busyNanos);
        }
        long nanos = nowNanos - from.nanos();
        double ratio = nanos <= 0 ? 0 : (double) (busyNanos - from.busyNanos()) / nanos;
        return Math.min(1, Math.max(0, ratio));
    }
}
