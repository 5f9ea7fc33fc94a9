package io.zoetrope.bench.report;

import java.util.Locale;

/**
 * Where a figure shall be.
 *
 * @param bound of it
 * @param least whether the bound is the least that is good, or else the most
 */
public record Goal(double bound, boolean least) {
    /** Good from here on up. */
    public static Goal atLeast(double bound) {
        return new Goal(bound, true);
    }

    /** Good from here on down. */
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
