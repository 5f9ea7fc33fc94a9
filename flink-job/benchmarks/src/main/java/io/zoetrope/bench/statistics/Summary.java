package io.zoetrope.bench.statistics;

import java.util.Arrays;
import java.util.Random;

/**
 * The median of some rounds, and how sure it is.
 *
 * @param median of the rounds
 * @param low end of the 95% interval of the median, by the bootstrap
 * @param high end of it
 * @param rounds that were measured
 */
public record Summary(double median, double low, double high, int rounds) {
    private static final int RESAMPLES = 10_000;
    private static final double TAIL = 0.025;
    /** Fixed, so that equal rounds give equal intervals. */
    private static final long SEED = 20_260_101;

    /**
     * Sums up rounds.
     *
     * @param values one a round, at least one
     * @throws IllegalArgumentException if there is none
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

    /** The middle of some values. */
    public static double median(double... values) {
        return quantile(values, 0.5);
    }

    /**
     * A quantile, on a line between the two nearest values.
     *
     * @param values at least one, in any order
     * @param share of the values below it, 0 to 1
     */
    public static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
