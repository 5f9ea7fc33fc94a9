package io.zoetrope.config;

import io.zoetrope.device.DeviceChoice;
import io.zoetrope.device.ProviderChoice;
import io.zoetrope.fair.PerTenant;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The type of an option's value: how the text is read, and which values are valid.
 *
 * @param <T> the Java type of the value
 * @param name the name of the type in help texts, limits included
 * @param reader reads the text; throws an {@link IllegalArgumentException} that says what was expected
 * @param union joins the values of an option that may be given several times; empty if the last one counts
 */
public record ValueType<T>(String name, Function<String, T> reader, Optional<BinaryOperator<T>> union) {
    private ValueType(String name, Function<String, T> reader) {
        this(name, reader, Optional.empty());
    }

    /** Returns whether an option of this type may be given several times. */
    public boolean isRepeatable() {
        return union.isPresent();
    }

    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    /** Returns the type of any text that is not blank. */
    static ValueType<String> text() {
        return new ValueType<>("text", text -> {
            require(!text.isBlank(), "expected a text that is not blank");
            return text.strip();
        });
    }

    /** Returns the type of a topic name that Kafka accepts. */
    static ValueType<String> topic() {
        return new ValueType<>("topic", text -> {
            require(
                    TOPIC.matcher(text).matches() && !text.equals(".") && !text.equals(".."),
                    "expected 1 to 249 letters, digits, dots, underscores and hyphens");
            return text;
        });
    }

    /** Returns the type of a topic name; empty for {@code none}. */
    static ValueType<Optional<String>> topicOrNone() {
        ValueType<String> topic = topic();
        return new ValueType<>(
                "topic, or none",
                text -> text.strip().equalsIgnoreCase("none")
                        ? Optional.empty()
                        : Optional.of(topic.reader().apply(text)));
    }

    /** Returns the type of a path to a file or folder. A relative path starts at the working directory. */
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

    /** Returns the type of one or more paths, in the order in which they are given. */
    static ValueType<List<Path>> paths() {
        return new ValueType<>(
                "path, repeatable",
                text -> List.of(path().reader().apply(text)),
                Optional.of((first, second) ->
                        Stream.concat(first.stream(), second.stream()).toList()));
    }

    /** Returns the type of a whole number from {@code min} to {@code max}. */
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

    /** Returns the type of {@code true} or {@code false}. */
    static ValueType<Boolean> bool() {
        return new ValueType<>("true or false", text -> {
            String word = text.strip().toLowerCase(Locale.ROOT);
            require(word.equals("true") || word.equals("false"), "expected true or false");
            return Boolean.valueOf(word);
        });
    }

    /** Returns the type of a text that is not blank; empty for {@code auto}. */
    static ValueType<Optional<String>> textOrAuto() {
        return new ValueType<>("text, or auto", text -> {
            require(!text.isBlank(), "expected a text that is not blank");
            return text.strip().equalsIgnoreCase("auto") ? Optional.empty() : Optional.of(text.strip());
        });
    }

    /** Returns the type of a text that is not blank; empty for {@code none}. */
    static ValueType<Optional<String>> textOrNone() {
        return new ValueType<>("text, or none", text -> {
            require(!text.isBlank(), "expected a text that is not blank");
            return text.strip().equalsIgnoreCase("none") ? Optional.empty() : Optional.of(text.strip());
        });
    }

    /** Returns the type of a folder, given as a path or a URI; empty for {@code none}. */
    static ValueType<Optional<String>> folderOrNone() {
        return new ValueType<>("path, URI, or none", text -> {
            String folder = text.strip();
            require(!folder.isEmpty(), "expected a path, a URI, or none");
            return folder.equalsIgnoreCase("none") ? Optional.empty() : Optional.of(folder);
        });
    }

    /** Returns the type of an address of an HTTP service, without a slash at its end; empty for {@code none}. */
    static ValueType<Optional<URI>> urlOrNone() {
        return new ValueType<>(
                "URL, or none",
                text -> text.strip().equalsIgnoreCase("none") ? Optional.empty() : Optional.of(url(text.strip())));
    }

    private static URI url(String text) {
        String expected = "expected an address such as http://registry:8081, without user, query and fragment";
        try {
            URI url = new URI(text.replaceFirst("/+$", ""));
            require(
                    List.of("http", "https").contains(url.getScheme())
                            && url.getHost() != null
                            && url.getUserInfo() == null
                            && url.getQuery() == null
                            && url.getFragment() == null,
                    expected);
            return url;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(expected, e);
        }
    }

    /** Returns the type of a path to a file; empty for {@code none}. */
    static ValueType<Optional<Path>> fileOrNone() {
        ValueType<Path> path = path();
        return new ValueType<>(
                "path, or none",
                text -> text.strip().equalsIgnoreCase("none")
                        ? Optional.empty()
                        : Optional.of(path.reader().apply(text)));
    }

    /** Returns the type of a duration such as {@code 500 ms}, from {@code min} to {@code max}. */
    static ValueType<Duration> duration(String min, String max) {
        return ranged("duration", DurationText::parse, min, max);
    }

    /** Returns the type of a size such as {@code 8 MiB}, from {@code min} to {@code max}. */
    static ValueType<DataSize> size(String min, String max) {
        return ranged("size", DataSize::parse, min, max);
    }

    /** Returns the type of a size from {@code min} to {@code max}; empty for {@code none}. */
    static ValueType<Optional<DataSize>> sizeOrNone(String min, String max) {
        ValueType<DataSize> size = size(min, max);
        return new ValueType<>(
                size.name() + ", or none",
                text -> text.strip().equalsIgnoreCase("none")
                        ? Optional.empty()
                        : Optional.of(size.reader().apply(text)));
    }

    /** Returns the type of whole numbers by tenant, such as {@code studio=4,batch=1,*=2}. */
    static ValueType<PerTenant> perTenant() {
        return new ValueType<>("name=number pairs, or none", PerTenant::parse);
    }

    /** Returns the type of the devices that a model runs on: {@code auto}, {@code cpu}, {@code cuda:0,cuda:1}. */
    static ValueType<DeviceChoice> devices() {
        return new ValueType<>("devices, or auto", DeviceChoice::parse);
    }

    /**
     * Returns the type of the devices of one stage; the value {@code same}, the generator's devices, is read as empty.
     */
    static ValueType<Optional<DeviceChoice>> devicesOrSame() {
        return new ValueType<>(
                "devices, auto, or same",
                text -> text.strip().equalsIgnoreCase("same")
                        ? Optional.empty()
                        : Optional.of(DeviceChoice.parse(text)));
    }

    /** Returns the type of the execution providers of the stages: {@code cuda}, {@code generate=tensorrt,decode=cuda}. */
    static ValueType<ProviderChoice> providers() {
        return new ValueType<>("provider, stage=provider pairs, or auto", ProviderChoice::parse);
    }

    /** Returns the type of an enum's constants, written in lower case with hyphens. */
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
        T minValue = reader.apply(min);
        T maxValue = reader.apply(max);
        return new ValueType<>(name + ", " + min + " to " + max, text -> {
            T value = reader.apply(text);
            require(
                    value.compareTo(minValue) >= 0 && value.compareTo(maxValue) <= 0,
                    "expected a " + name + " from " + min + " to " + max);
            return value;
        });
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void require(boolean condition, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(expected);
        }
    }
}
