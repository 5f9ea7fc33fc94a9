package io.zoetrope.lane;

import java.time.Duration;

/** The rule for the largest batch of a bucket. */
public sealed interface BatchSizes {
    /** Returns the upper limit for every bucket. */
    int cap();

    /** The same size for every bucket. */
    record Fixed(int cap) implements BatchSizes {
        /** Throws an {@link IllegalArgumentException} for a cap below 1. */
        public Fixed {
            atLeastOne(cap);
        }
    }

    /**
     * A size that the lane measures for each bucket, on its own thread, when the bucket is warmed up or receives its
     * first request: see {@link BatchTable}. The stage runs on copies of one request, which it must only read. Its
     * results are dropped, and closed if they are AutoCloseable.
     *
     * @param cap the largest size that is tried
     * @param latencyBound the longest duration of a batch; a batch of one request may take longer
     * @param tables the sizes that were measured before; a bucket in it is not measured again
     */
    record Measured(int cap, Duration latencyBound, BatchTables tables) implements BatchSizes {
        /** Creates a rule for which nothing has been measured before. */
        public Measured(int cap, Duration latencyBound) {
            this(cap, latencyBound, new BatchTables());
        }

        /** Throws an {@link IllegalArgumentException} for a cap below 1 and for a bound that is not positive. */
        public Measured {
            atLeastOne(cap);
            if (latencyBound.isNegative() || latencyBound.isZero()) {
                throw new IllegalArgumentException(
                        "batch: expected a latency bound of more than zero, got " + latencyBound);
            }
        }
    }

    private static void atLeastOne(int cap) {
        if (cap < 1) {
            throw new IllegalArgumentException("batch: expected a cap of at least 1, got " + cap);
        }
    }
}
