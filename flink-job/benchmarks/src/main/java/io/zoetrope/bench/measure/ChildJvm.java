package io.zoetrope.bench.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a program of this module in a JVM of its own, which prints what it measured. */
final class ChildJvm {
    private ChildJvm() {}

    /** The options of this JVM: those that the launcher gives. */
    static List<String> launcherOptions() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    /** This JVM's properties alone: collector, compiler and heap are a JVM's defaults, as on a cluster. */
    static List<String> defaultOptions() {
        return launcherOptions().stream()
                .filter(option -> option.startsWith("-D"))
                .toList();
    }

    /**
     * Runs it to its end.
     *
     * @param options of the JVM
     * @param program the class whose main is run
     * @param prefix of the lines that tell what was measured
     * @return the rest of each such line, one at least
     * @throws IOException if it does not end well
     */
    static List<String> run(List<String> options, Class<?> program, String prefix, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> told = new ArrayList<>();
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(prefix)) {
                told.add(line.substring(prefix.length()));
            }
        }
        if (process.waitFor() != 0 || told.isEmpty()) {
            throw new IOException(program.getSimpleName() + " ended with " + process.exitValue() + " after "
                    + told.size() + " lines of figures; see what this says: " + String.join(" ", command));
        }
        return told;
    }
}
