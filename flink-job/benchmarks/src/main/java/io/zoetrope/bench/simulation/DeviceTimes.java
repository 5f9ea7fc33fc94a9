package io.zoetrope.bench.simulation;

import java.time.Duration;

/**
 * How long a device takes for a batch of b: {@code base + each * b}.
 *
 * @param base whatever the batch
 * @param each for every request of it
 * @param maxBatch the most requests in a batch
 */
public record DeviceTimes(Duration base, Duration each, int maxBatch) {
    /** Of a batch. */
    public long nanos(int batch) {
        return base.toNanos() + batch * each.toNanos();
    }

    /** Requests a second of one device that is never without a full batch. */
    public double capacity() {
        return maxBatch / (nanos(maxBatch) / 1e9);
    }
}
