package io.zoetrope.bench.report;

import io.zoetrope.bench.statistics.Summary;

/**
 * A figure of the report.
 *
 * @param name of what was measured; in the JSON, its key within the finding
 * @param summary over the rounds
 * @param unit that it is in; empty for a ratio
 */
public record Figure(String name, Summary summary, String unit) {
    /** A ratio. */
    public static Figure ratio(String name, Summary summary) {
        return new Figure(name, summary, "");
    }
}
