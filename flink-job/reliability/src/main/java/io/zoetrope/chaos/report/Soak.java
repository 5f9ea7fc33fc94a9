package io.zoetrope.chaos.report;

import io.zoetrope.chaos.process.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * The use of resources under a steady load.
 *
 * @param length how long the load lasted
 * @param load the load in words
 * @param samples the samples of each process, at equal intervals
 */
public record Soak(Duration length, String load, Map<String, List<Usage>> samples) {
    /** Returns the median of a process in the second of ten parts of the time, when it is warm. */
    static long early(List<Usage> samples, ToLongFunction<Usage> value) {
        return median(
                samples.subList(samples.size() / 10, Math.max(samples.size() / 10 + 1, samples.size() / 5)), value);
    }

    /** Returns the median of a process in the last of ten parts of the time. */
    static long late(List<Usage> samples, ToLongFunction<Usage> value) {
        return median(samples.subList(samples.size() * 9 / 10, samples.size()), value);
    }

    private static long median(List<Usage> samples, ToLongFunction<Usage> value) {
        return samples.stream()
                .mapToLong(value)
                .sorted()
                .skip(samples.size() / 2)
                .findFirst()
                .orElse(0);
    }
}
