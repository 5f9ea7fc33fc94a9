package io.zoetrope.bench.simulation;

import java.util.Random;

/** When requests come, decided before anything runs: nobody who is slow makes the next one come later. */
public final class Arrivals {
    private Arrivals() {}

    /**
     * A Poisson process.
     *
     * @param perSecond the mean rate
     * @param count of arrivals
     * @param seed of the trace
     * @return nanoseconds from the start, rising
     */
    public static long[] poisson(double perSecond, int count, long seed) {
        Random random = new Random(seed);
        long[] nanos = new long[count];
        double now = 0;
        for (int i = 0; i < count; i++) {
            now += -Math.log(1 - random.nextDouble()) / perSecond;
            nanos[i] = (long) (now * 1e9);
        }
        return nanos;
    }
}
