package io.zoetrope.config;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written as a person would: {@code 8 MiB}.
 *
 * @param bytes at least 0
 */
public record DataSize(long bytes) implements Comparable<DataSize> {

    private static final Pattern FORM = Pattern.compile("(\\d{1,18})\\s*([A-Za-z]+)");
    private static final Map<String, Long> UNITS = new LinkedHashMap<>();

    static {
        UNITS.put("GiB", 1L << 30);
        UNITS.put("MiB", 1L << 20);
        UNITS.put("KiB", 1L << 10);
        UNITS.put("B", 1L);
    }

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size of " + bytes + " bytes is negative");
        }
    }

    /** A size in mebibytes. */
    public static DataSize mebibytes(long count) {
        return new DataSize(Math.multiplyExact(count, 1L << 20));
    }

    /**
     * Reads {@code 512 B}, {@code 64 KiB}, {@code 8 MiB} or {@code 1 GiB}.
     *
     * @throws IllegalArgumentException where the text is no such size
     */
    public static DataSize parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("expected a size such as 512 B, 64 KiB, 8 MiB or 1 GiB");
        }
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("expected a size below 8 EiB", e);
        }
    }

    @Override
    public int compareTo(DataSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /** The largest unit that divides the size, as {@link #parse} reads it back. */
    @Override
    public String toString() {
        for (Map.Entry<String, Long> unit : UNITS.entrySet()) {
            if (bytes > 0 && bytes % unit.getValue() == 0) {
                return bytes / unit.getValue() + " " + unit.getKey();
            }
        }
        return "0 B";
    }
}
