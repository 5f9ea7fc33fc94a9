package io.zoetrope.bench.statistics;

import java.util.Arrays;

/** How fast things come, of the moments at which they came. */
public final class Rate {
    /** Of the moments at either end, which belong to the filling and the draining of what is measured. */
    private static final double ENDS = 0.1;

    private Rate() {}

    /**
     * Things a second: the slope of the line through count over time, without a tenth of the moments at each end.
     * Things that come in bursts move it little.
     *
     * @param nanos at least 10 moments, in any order
     */
    public static double steady(long[] nanos) {
        if (nanos.length < 10) {
            throw new IllegalArgumentException("rate: expected at least 10 moments, got " + nanos.length);
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        int cut = (int) (ENDS * sorted.length);
        return slope(Arrays.copyOfRange(sorted, cut, sorted.length - cut));
    }

    /** By least squares, of the moments on their numbers: the moments are what is uncertain. */
    private static double slope(long[] nanos) {
        double meanNumber = (nanos.length - 1) / 2.0;
        double meanSeconds = Arrays.stream(nanos)
                .mapToDouble(each -> (each - nanos[0]) / 1e9)
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
