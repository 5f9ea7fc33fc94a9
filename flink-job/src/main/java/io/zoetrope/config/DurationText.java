package io.zoetrope.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as a person writes them: {@code 500 ms}, {@code 10 s}, {@code 24 h}. */
public final class DurationText {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s*([A-Za-z]+)");
    private static final Map<String, Duration> UNITS = new LinkedHashMap<>();

    static {
        UNITS.put("d", Duration.ofDays(1));
        UNITS.put("h", Duration.ofHours(1));
        UNITS.put("min", Duration.ofMinutes(1));
        UNITS.put("s", Duration.ofSeconds(1));
        UNITS.put("ms", Duration.ofMillis(1));
    }

    private DurationText() {}

    /**
     * Reads a whole number of {@code ms}, {@code s}, {@code min}, {@code h} or {@code d}.
     *
     * @throws IllegalArgumentException where the text is no such duration
     */
    public static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        Duration unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("expected a duration such as 500 ms, 10 s, 5 min, 24 h or 7 d");
        }
        return unit.multipliedBy(Long.parseLong(matcher.group(1)));
    }

    /** The duration in the largest unit that divides it, as {@link #parse} reads it back; finer than 1 ms is cut. */
    public static String format(Duration duration) {
        for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
            long size = unit.getValue().toMillis();
            if (!duration.isZero() && duration.toMillis() % size == 0) {
                return duration.toMillis() / size + " " + unit.getKey();
            }
        }
        return "0 s";
    }
}
