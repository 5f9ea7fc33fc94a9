package io.zoetrope.bench.report;

import io.zoetrope.bench.statistics.Summary;
import java.util.List;

/**
 * The result of one measurement.
 *
 * @param key the key in the JSON
 * @param title the title in the report
 * @param goal the goal for the main figure
 * @param main the main figure
 * @param what the description of the main figure
 * @param figures further figures
 * @param notes paragraphs on how the figures were measured
 * @param plots plots of the figures
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

    /** Returns whether the median meets the goal. */
    public boolean met() {
        return goal.metBy(main.median());
    }

    /** Returns whether both ends of the interval agree on whether the goal is met. */
    public boolean decided() {
        return goal.metBy(main.low()) == goal.metBy(main.high());
    }

    /** Returns {@link #met} and {@link #decided} as text for the report. */
    public String verdict() {
        return (met() ? "yes" : "**no**") + (decided() ? "" : ", narrowly");
    }
}
