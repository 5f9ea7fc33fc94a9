package io.zoetrope.bench.report;

import java.util.Locale;

/**
 * The goal for a figure.
 *
 * @param bound the bound of the figure
 * @param least whether the bound is a lower bound, or else an upper bound
 */
public record Goal(double bound, boolean least) {
    /** Creates a goal with a lower bound. */
    public static Goal atLeast(double bound) {
        return new Goal(bound, true);
    }

    /** Creates a goal with an upper bound. */
    public static Goal atMost(double bound) {
        return new Goal(bound, false);
    }

    boolean metBy(double value) {
        return least ? value >= bound : value <= bound;
    }

    @Override
    public String toString() {
        return (least ? "≥ " : "≤ ") + String.format(Locale.ROOT, "%s", bound);
    }
}
