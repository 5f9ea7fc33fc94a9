package io.zoetrope.chaos.report;

import java.util.List;

/**
 * Percentiles of times by the nearest rank.
 *
 * @param count the number of times
 * @param median the 50th percentile in ms
 * @param p99 the 99th percentile in ms
 * @param max the longest in ms
 */
public record Percentiles(int count, long median, long p99, long max) {
    /** Computes the percentiles of at least one time. */
    public static Percentiles of(List<Long> millis) {
        List<Long> sorted = millis.stream().sorted().toList();
        return new Percentiles(sorted.size(), rank(sorted, 0.5), rank(sorted, 0.99), sorted.get(sorted.size() - 1));
    }

    private static long rank(List<Long> sorted, double share) {
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }
}
