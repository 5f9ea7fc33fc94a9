package io.zoetrope.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;

/** The values of all options, complete and checked. Immutable. */
public final class JobConfig {
    /** The prefix of settings that are passed on to Kafka's clients. */
    public static final String KAFKA_PREFIX = "kafka.";

    private final Map<Option<?>, Object> values;
    private final Map<String, String> kafka;

    private JobConfig(Map<Option<?>, Object> values, Map<String, String> kafka) {
        this.values = Map.copyOf(values);
        this.kafka = Map.copyOf(kafka);
    }

    /**
     * Reads the options. The arguments override the file, the file overrides {@code base}, and {@code base} overrides
     * the defaults.
     *
     * @param base settings of the caller, such as the address of the broker that it started
     * @param file a YAML file with options below {@code zoetrope:}
     * @param arguments options as {@code --key value} or {@code --key=value}
     * @throws ConfigException with every problem of the file and the arguments
     */
    public static JobConfig read(List<Setting> base, Optional<Path> file, List<String> arguments) {
        List<String> problems = new ArrayList<>();
        List<List<Setting>> sources = new ArrayList<>(List.of(base));
        file.ifPresent(path -> sources.add(ConfigFile.read(path, problems)));
        sources.add(ConfigArguments.read(arguments, problems));

        Set<String> keys = JobOptions.all().stream().map(Option::key).collect(Collectors.toSet());
        Map<String, List<Setting>> inForce = new LinkedHashMap<>();
        Map<String, String> kafka = new LinkedHashMap<>();
        for (List<Setting> source : sources) {
            Map<String, List<Setting>> ofSource = new LinkedHashMap<>();
            for (Setting setting : source) {
                if (setting.key().startsWith(KAFKA_PREFIX)) {
                    kafka.put(setting.key().substring(KAFKA_PREFIX.length()), setting.value());
                } else if (isKnown(setting, keys, problems)) {
                    ofSource.computeIfAbsent(setting.key(), key -> new ArrayList<>())
                            .add(setting);
                }
            }
            inForce.putAll(ofSource); // the values of one source replace all of an earlier one
        }
        Map<Option<?>, Object> values = new LinkedHashMap<>();
        for (Option<?> option : JobOptions.all()) {
            value(option, inForce.getOrDefault(option.key(), List.of()), problems)
                    .ifPresent(value -> values.put(option, value));
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new JobConfig(values, kafka);
    }

    /** Returns the value of an option. */
    @SuppressWarnings("unchecked") // read() stores values that the option's own type has read
    public <T> T get(Option<T> option) {
        Object value = values.get(option);
        if (value == null) {
            throw new IllegalArgumentException("--" + option.key() + " is not an option of the job");
        }
        return (T) value;
    }

    /** Returns the settings for Kafka's clients, by Kafka's names. The values may be secret. */
    public Map<String, String> kafka() {
        return kafka;
    }

    private static boolean isKnown(Setting setting, Set<String> keys, List<String> problems) {
        if (keys.contains(setting.key())) {
            return true;
        }
        String remedy = NearestKey.to(setting.key(), keys)
                .map(nearest -> "did you mean " + nearest + "?")
                .orElse("./zoetrope job --help lists all options");
        problems.add(setting.source() + ": there is no option " + setting.key() + "; " + remedy);
        return false;
    }

    private static <T> Optional<T> value(Option<T> option, List<Setting> given, List<String> problems) {
        if (given.size() <= 1) {
            return single(option, given.stream().findFirst(), problems);
        }
        Optional<BinaryOperator<T>> union = option.type().union();
        return given.stream()
                .skip(union.isPresent() ? 0 : given.size() - 1)
                .flatMap(setting -> single(option, Optional.of(setting), problems).stream())
                .reduce(union.orElse((first, second) -> second));
    }

    private static <T> Optional<T> single(Option<T> option, Optional<Setting> given, List<String> problems) {
        try {
            Optional<String> text = given.map(Setting::value).or(() -> Optional.ofNullable(option.defaultText()));
            if (text.isEmpty()) {
                problems.add("--" + option.key() + " is missing; give it on the command line or in the file. "
                        + option.description());
            }
            return text.map(option.type().reader());
        } catch (IllegalArgumentException e) {
            String source = given.map(Setting::source).orElse(option.key());
            String text = given.map(Setting::value).orElse("");
            problems.add(source + ": " + e.getMessage() + ", found \"" + text + "\"");
            return Optional.empty();
        }
    }
}
