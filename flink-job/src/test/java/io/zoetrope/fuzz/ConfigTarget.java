package io.zoetrope.fuzz;

import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Any bytes as the job's configuration: they are options, or problems with clear texts. Bytes that start with an option,
 * such as {@code --encoder}, are arguments, one a line; all others are a file.
 */
public final class ConfigTarget {
    private static final InputFile FILE = InputFile.create("zoetrope.yaml");

    private ConfigTarget() {}

    /** Runs one input; the fuzzer calls it by this name. */
    public static void fuzzerTestOneInput(byte[] text) {
        String input = new String(text, StandardCharsets.UTF_8);
        if (input.startsWith("--") && !input.startsWith("---")) {
            read(input, Optional.empty(), input.lines().toList());
        } else {
            read(input, Optional.of(text), List.of());
        }
    }

    private static void read(String input, Optional<byte[]> file, List<String> arguments) {
        try {
            var unused = JobConfig.read(List.of(), file.map(FILE::write), arguments);
        } catch (ConfigException e) {
            Promises.checkText(String.valueOf(e.getMessage()), input);
        }
    }
}
