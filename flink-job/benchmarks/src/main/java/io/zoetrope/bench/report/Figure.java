package io.zoetrope.bench.report;

import io.zoetrope.bench.statistics.Summary;

/**
 * A figure of the report.
 *
 * @param name the figure's name, which is also its key within the finding's JSON
 * @param summary the summary of the rounds
 * @param unit the unit; empty for a ratio
 */
public record Figure(String name, Summary summary, String unit) {
    /** Creates a figure that is a ratio. */
    public static Figure ratio(String name, Summary summary) {
        return new Figure(name, summary, "");
    }
}
