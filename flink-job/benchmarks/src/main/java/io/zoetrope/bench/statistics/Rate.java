package io.zoetrope.bench.statistics;

import java.util.Arrays;

/** Estimates the rate of events from their times. */
public final class Rate {
    /** The share of times to drop at each end, where the queues of the measured system fill and drain. */
    private static final double TRIMMED_SHARE = 0.1;

    private Rate() {}

    /**
     * Returns the events per second: the slope of the line through count over time, without a tenth of the times at
     * each end. Bursts have little effect on the slope.
     *
     * @param nanos at least 10 times, in any order
     */
    public static double steady(long[] nanos) {
        if (nanos.length < 10) {
            throw new IllegalArgumentException("rate: expected at least 10 times, got " + nanos.length);
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        int cut = (int) (TRIMMED_SHARE * sorted.length);
        return slope(Arrays.copyOfRange(sorted, cut, sorted.length - cut));
    }

    /** Fits the times over their indices by least squares, because only the times have errors. */
    private static double slope(long[] nanos) {
        double meanNumber = (nanos.length - 1) / 2.0;
        double meanSeconds = Arrays.stream(nanos)
                .mapToDouble(time -> (time - nanos[0]) / 1e9)
                .average()
                .orElseThrow();
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < nanos.length; i++) {
            covariance += (i - meanNumber) * ((nanos[i] - nanos[0]) / 1e9 - meanSeconds);
            variance += (i - meanNumber) * (i - meanNumber);
        }
        return variance / covariance;
    }
}
