package io.zoetrope.bench.simulation;

import java.util.Random;

/** The arrival times of requests. They are fixed before the run, so a slow system does not delay later requests. */
public final class Arrivals {
    private Arrivals() {}

    /**
     * Draws the arrival times of a Poisson process.
     *
     * @param perSecond the mean rate
     * @param count the number of arrivals
     * @param seed the seed of the random numbers
     * @return the arrival times in nanoseconds from the start, in rising order
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
