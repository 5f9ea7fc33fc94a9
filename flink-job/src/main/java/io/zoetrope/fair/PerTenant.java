package io.zoetrope.fair;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whole numbers by tenant, as an option gives them: {@code studio=4,batch=1,*=2}.
 *
 * @param listed the numbers of the tenants that are listed by name
 * @param others the number of {@code *}, for the tenants that are not listed; null if not given
 */
public record PerTenant(
        Map<String, Integer> listed, @Nullable Integer others) implements Serializable {
    /** The text of no numbers at all. */
    public static final String NONE = "none";

    private static final String OTHERS = "*";
    private static final String EXPECTED =
            "expected none, or name=number pairs separated by commas, with * for the tenants that are not listed";

    /** Copies the numbers. */
    public PerTenant {
        listed = Map.copyOf(listed);
    }

    /** Returns the number of a tenant; {@code otherwise} if it has none. */
    public int of(String tenant, int otherwise) {
        Integer number = listed.get(tenant);
        return number != null ? number : others(otherwise);
    }

    /** Returns the number of the tenants that are not listed; {@code otherwise} if it is not given. */
    public int others(int otherwise) {
        return others != null ? others : otherwise;
    }

    /**
     * Reads the text of an option.
     *
     * @throws IllegalArgumentException if the text has another form, names a tenant twice, or has a number below 1
     */
    public static PerTenant parse(String text) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        if (!text.strip().equalsIgnoreCase(NONE)) {
            for (String pair : text.split(",", -1)) {
                int equals = pair.lastIndexOf('=');
                String name = pair.substring(0, Math.max(0, equals)).strip();
                if (name.isEmpty()
                        || numbers.put(name, number(pair.substring(equals + 1).strip())) != null) {
                    throw new IllegalArgumentException(EXPECTED + ", each name once");
                }
            }
        }
        Integer others = numbers.remove(OTHERS);
        return new PerTenant(numbers, others);
    }

    private static int number(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(EXPECTED, e);
        }
        throw new IllegalArgumentException(EXPECTED + ", each number at least 1");
    }
}
