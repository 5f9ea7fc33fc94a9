package io.zoetrope.bench.statistics;

import java.util.Arrays;
import java.util.Random;

/**
 * The median of the rounds with its 95% bootstrap confidence interval.
 *
 * @param median the median of the rounds
 * @param low the lower end of the interval
 * @param high the upper end of the interval
 * @param rounds the number of rounds
 */
public record Summary(double median, double low, double high, int rounds) {
    private static final int RESAMPLES = 10_000;
    private static final double TAIL = 0.025;
    /** The seed of the resampling. It is fixed, so that equal rounds give equal intervals. */
    private static final long SEED = 20_260_101;

    /**
     * Summarizes rounds.
     *
     * @param values one value per round, at least one
     * @throws IllegalArgumentException if there is no value
     */
    public static Summary of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("summary: expected at least one round, got none");
        }
        Random random = new Random(SEED);
        double[] medians = new double[RESAMPLES];
        double[] resample = new double[values.length];
        for (int i = 0; i < RESAMPLES; i++) {
            for (int j = 0; j < resample.length; j++) {
                resample[j] = values[random.nextInt(values.length)];
            }
            medians[i] = median(resample);
        }
        return new Summary(median(values), quantile(medians, TAIL), quantile(medians, 1 - TAIL), values.length);
    }

    /** Returns the arithmetic mean of at least one value. */
    public static double mean(long[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    /** Returns the median of at least one value. */
    public static double median(double... values) {
        return quantile(values, 0.5);
    }

    /**
     * Returns a quantile, interpolated linearly between the two nearest values.
     *
     * @param values at least one value, in any order
     * @param share the share of the values below the quantile, 0 to 1
     */
    public static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
