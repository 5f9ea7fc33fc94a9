package io.zoetrope.config;

import io.zoetrope.device.DeviceChoice;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an option holds: how its text is read, and which values it takes.
 *
 * @param <T> the Java type of the value
 * @param name as shown to a person, limits included
 * @param reader throws an {@link IllegalArgumentException} that says what was expected
 */
public record ValueType<T>(String name, Function<String, T> reader) {

    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    /** Any text that is not blank. */
    static ValueType<String> text() {
        return new ValueType<>("text", text -> {
            require(!text.isBlank(), "expected a text that is not blank");
            return text.strip();
        });
    }

    /** A name that Kafka takes for a topic. */
    static ValueType<String> topic() {
        return new ValueType<>("topic", text -> {
            require(
                    TOPIC.matcher(text).matches() && !text.equals(".") && !text.equals(".."),
                    "expected 1 to 249 letters, digits, dots, underscores and hyphens");
            return text;
        });
    }

    /** A file or folder; a relative one is taken from the working directory. */
    static ValueType<Path> path() {
        return new ValueType<>("path", text -> {
            require(!text.isBlank(), "expected a path");
            try {
                return Path.of(text.strip());
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("expected a path: " + e.getReason(), e);
            }
        });
    }

    /** A whole number from {@code min} to {@code max}. */
    static ValueType<Integer> integer(int min, int max) {
        String expected = "expected a whole number from " + min + " to " + max;
        return new ValueType<>("integer, " + min + " to " + max, text -> {
            try {
                int value = Integer.parseInt(text.strip());
                require(min <= value && value <= max, expected);
                return value;
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(expected, e);
            }
        });
    }

    /** A duration such as {@code 500 ms}, from {@code min} to {@code max}. */
    static ValueType<Duration> duration(String min, String max) {
        return ranged("duration", DurationText::parse, min, max);
    }

    /** A size such as {@code 8 MiB}, from {@code min} to {@code max}. */
    static ValueType<DataSize> size(String min, String max) {
        return ranged("size", DataSize::parse, min, max);
    }

    /** Devices that a model runs on: {@code auto}, {@code cpu}, {@code cuda:0,cuda:1}. */
    static ValueType<DeviceChoice> devices() {
        return new ValueType<>("devices, or auto", DeviceChoice::parse);
    }

    /** Devices of one stage of a model; empty for {@code same}, those of the others. */
    static ValueType<Optional<DeviceChoice>> devicesOrSame() {
        return new ValueType<>(
                "devices, auto, or same",
                text -> text.strip().equalsIgnoreCase("same")
                        ? Optional.empty()
                        : Optional.of(DeviceChoice.parse(text)));
    }

    /** One of an enum's constants, written in lower case with hyphens. */
    static <E extends Enum<E>> ValueType<E> oneOf(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        String words = constants.stream().map(ValueType::word).collect(Collectors.joining(", "));
        return new ValueType<>(
                "one of " + words,
                text -> constants.stream()
                        .filter(constant -> word(constant).equals(text.strip().toLowerCase(Locale.ROOT)))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("expected one of " + words)));
    }

    private static <T extends Comparable<T>> ValueType<T> ranged(
            String name, Function<String, T> reader, String min, String max) {
        T least = reader.apply(min);
        T most = reader.apply(max);
        return new ValueType<>(name + ", " + min + " to " + max, text -> {
            T value = reader.apply(text);
            require(
                    value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
                    "expected a " + name + " from " + min + " to " + max);
            return value;
        });
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(expected);
        }
    }
}
