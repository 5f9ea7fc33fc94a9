package io.zoetrope.cli;

import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Option;
import io.zoetrope.config.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Lists the job's options in the help of a command, and collects the given ones without checking them. */
final class JobArguments {
    /** The folder of this repository, which contains the shipped bundle. The launcher sets it. */
    private static final String HOME_PROPERTY = "zoetrope.home";

    private static final String SHIPPED_BUNDLE = "onnx-export/bundles/toybox-64";
    private static final String SHIPPED = "the shipped bundle";
    private static final String CONFIG = "--config";

    private JobArguments() {}

    /**
     * Adds the options to a command, except those whose values the command sets. The command then accepts unknown
     * arguments, so that the job reports them together with all other problems.
     */
    static void addTo(CommandSpec command, Option<?>... excluded) {
        ArgGroupSpec.Builder group = ArgGroupSpec.builder()
                .heading("%nOptions of the job, here or in the file:%n")
                .exclusive(false)
                .multiplicity("0..1")
                .validate(false)
                .addArg(OptionSpec.builder(CONFIG)
                        .type(String.class)
                        .paramLabel("FILE")
                        .description("YAML file with the options below, under \"zoetrope:\".")
                        .build());
        group.addArg(OptionSpec.builder(KafkaOptions.SETTING)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel("VALUE")
                .description(KafkaOptions.SETTING_DESCRIPTION)
                .build());
        JobOptions.all().stream()
                .filter(option -> !List.of(excluded).contains(option))
                .forEach(option -> group.addArg(spec(option)));
        command.addArgGroup(group.build());
        command.parser().unmatchedArgumentsAllowed(true);
    }

    private static OptionSpec spec(Option<?> option) {
        String defaultText = option.equals(JobOptions.BUNDLE) ? SHIPPED : option.defaultText();
        String text = "(" + option.type().name() + ") "
                + (defaultText == null ? "Required." : "Default: " + defaultText + ".");
        OptionSpec.Builder builder = OptionSpec.builder("--" + option.key());
        if (option.type().isRepeatable()) {
            builder.type(List.class).auxiliaryTypes(String.class);
        } else {
            builder.type(String.class);
        }
        return builder.paramLabel("VALUE")
                .description(option.description().replace("%", "%%"), text.replace("%", "%%"))
                .build();
    }

    /** Returns the given arguments, those that picocli did not recognize included, as {@code VideoJob} reads them. */
    static List<String> all(CommandSpec command) {
        List<String> all = recognized(command);
        all.addAll(unrecognized(command));
        return all;
    }

    /** Returns the given options of the job, each as {@code --key} and value. */
    static List<String> recognized(CommandSpec command) {
        List<String> recognized = new ArrayList<>();
        Stream.concat(Stream.of(CONFIG), JobOptions.all().stream().map(option -> "--" + option.key()))
                .forEach(name -> {
                    OptionSpec spec = command.findOption(name);
                    Object value = spec == null ? null : spec.getValue();
                    for (Object one : value instanceof List<?> values
                            ? values
                            : Stream.ofNullable(value).toList()) {
                        recognized.add(name);
                        recognized.add(one.toString());
                    }
                });
        OptionSpec kafka = command.findOption(KafkaOptions.SETTING);
        List<String> settings = kafka == null ? null : kafka.getValue();
        if (settings != null) {
            settings.forEach(setting -> recognized.add("--" + JobConfig.KAFKA_PREFIX + setting));
        }
        return recognized;
    }

    /** Returns the arguments that are not options of the command. */
    static List<String> unrecognized(CommandSpec command) {
        return command.commandLine().getUnmatchedArguments();
    }

    /** Returns the setting that selects the shipped bundle if the options do not name another one. */
    static Setting shippedBundle() {
        Path home = Path.of(System.getProperty(HOME_PROPERTY, ""));
        return new Setting(JobOptions.BUNDLE.key(), home.resolve(SHIPPED_BUNDLE).toString(), SHIPPED);
    }
}
