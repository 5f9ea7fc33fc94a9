package io.zoetrope.lane;

import java.time.Duration;

/** How large a batch of a bucket may be. */
public sealed interface BatchSizes {
    /** The most that any bucket may take. */
    int cap();

    /** The same for every bucket. */
    record Fixed(int cap) implements BatchSizes {
        /** Refuses with an {@link IllegalArgumentException} a cap below 1. */
        public Fixed {
            atLeastOne(cap);
        }
    }

    /**
     * Measured for each bucket on the lane's thread, when the bucket is warmed or first seen: see {@link BatchTable}. The
     * stage is run on copies of one request, which it must only read; what it answers is dropped, and closed if it can
     * be.
     *
     * @param cap the largest that is tried
     * @param latencyBound how long a batch may take; a batch of one may take longer
     */
    record Measured(int cap, Duration latencyBound) implements BatchSizes {
        /** Refuses with an {@link IllegalArgumentException} a cap below 1 and a bound that is not positive. */
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
