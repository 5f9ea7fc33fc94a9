package io.zoetrope.cli;

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

/** Shows the job's options in a command's help, and collects what was given of them, unjudged. */
final class JobOptionSpecs {
    /** Set by the launcher: the folder of this repository, where the bundle that ships lies. */
    private static final String HOME_PROPERTY = "zoetrope.home";

    private static final String SHIPPED_BUNDLE = "onnx-export/bundles/toybox-64";
    private static final String CONFIG = "--config";

    private JobOptionSpecs() {}

    /** Adds the options to a command, but for those that it decides itself. */
    static void addTo(CommandSpec command, Option<?>... decided) {
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
        JobOptions.all().stream()
                .filter(option -> !List.of(decided).contains(option))
                .forEach(option -> group.addArg(spec(option)));
        command.addArgGroup(group.build());
    }

    private static OptionSpec spec(Option<?> option) {
        String type = "(" + option.type().name() + ")";
        String text = option.defaultText() == null ? type : type + " Default: " + option.defaultText() + ".";
        return OptionSpec.builder("--" + option.key())
                .type(String.class)
                .paramLabel("VALUE")
                .description(option.description().replace("%", "%%"), text.replace("%", "%%"))
                .build();
    }

    /** The options that were given to a command, as the job reads them. */
    static List<String> given(CommandSpec command) {
        List<String> given = new ArrayList<>();
        Stream.concat(Stream.of(CONFIG), JobOptions.all().stream().map(option -> "--" + option.key()))
                .forEach(name -> {
                    OptionSpec spec = command.findOption(name);
                    String value = spec == null ? null : spec.getValue();
                    if (value != null) {
                        given.add(name);
                        given.add(value);
                    }
                });
        return given;
    }

    /** The bundle that ships, for who names no other. */
    static Setting shippedBundle() {
        Path home = Path.of(System.getProperty(HOME_PROPERTY, ""));
        return new Setting(JobOptions.BUNDLE.key(), home.resolve(SHIPPED_BUNDLE).toString(), "the bundle that ships");
    }
}
