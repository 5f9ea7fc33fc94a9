package io.zoetrope.bench.simulation;

import java.time.Duration;

/**
 * The time that a device takes for a batch of b requests: {@code base + each * b}.
 *
 * @param base the time per batch
 * @param each the additional time per request
 * @param maxBatch the largest number of requests in a batch
 */
public record DeviceTimes(Duration base, Duration each, int maxBatch) {
    /** Returns the time of a batch in nanoseconds. */
    public long nanos(int batch) {
        return base.toNanos() + batch * each.toNanos();
    }

    /** Returns the requests per second of one device that always has a full batch. */
    public double capacity() {
        return maxBatch / (nanos(maxBatch) / 1e9);
    }
}
