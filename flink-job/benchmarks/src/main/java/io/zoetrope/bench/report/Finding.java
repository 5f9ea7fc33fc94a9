package io.zoetrope.bench.report;

import io.zoetrope.bench.statistics.Summary;
import java.util.List;

/**
 * What one measurement found.
 *
 * @param key in the JSON
 * @param title in the report
 * @param goal of the main figure
 * @param main the figure that the goal is for
 * @param what the main figure is of, in words
 * @param figures others, beside it
 * @param notes on how it was measured, a sentence or two each
 * @param plots drawings of it
 */
public record Finding(
        String key,
        String title,
        Goal goal,
        Summary main,
        String what,
        List<Figure> figures,
        List<String> notes,
        List<Plot> plots) {
    /** Copies the lists. */
    public Finding {
        figures = List.copyOf(figures);
        notes = List.copyOf(notes);
        plots = List.copyOf(plots);
    }

    /** Whether the median is where the goal wants it. */
    public boolean met() {
        return goal.metBy(main.median());
    }

    /** Whether all of the interval is on the same side of the goal as the median. */
    public boolean decided() {
        return goal.metBy(main.low()) == goal.metBy(main.high());
    }

    /** Both, for people. */
    public String verdict() {
        return (met() ? "yes" : "**no**") + (decided() ? "" : ", narrowly");
    }
}
