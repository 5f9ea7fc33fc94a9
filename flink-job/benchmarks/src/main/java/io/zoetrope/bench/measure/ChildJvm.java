package io.zoetrope.bench.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a program of this module in a separate JVM and reads the figures that the program prints. */
final class ChildJvm {
    private ChildJvm() {}

    /** Returns the options of this JVM, which the launcher sets. */
    static List<String> launcherOptions() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments();
    }

    /**
     * Returns only the system properties of this JVM. Collector, compiler and heap have the JVM's defaults, as on a
     * cluster.
     */
    static List<String> defaultOptions() {
        return launcherOptions().stream()
                .filter(option -> option.startsWith("-D"))
                .toList();
    }

    /**
     * Runs a program to its end.
     *
     * @param options the options of the JVM
     * @param program the class with the main method
     * @param prefix the prefix of the output lines that contain figures
     * @return the rest of each such line, at least one
     * @throws IOException if the program fails or prints no figures
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
        List<String> figures = new ArrayList<>();
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(prefix)) {
                figures.add(line.substring(prefix.length()));
            }
        }
        if (process.waitFor() != 0 || figures.isEmpty()) {
            throw new IOException(program.getSimpleName() + " ended with exit status " + process.exitValue() + " after "
                    + figures.size() + " lines of figures; run this command to see its output: "
                    + String.join(" ", command));
        }
        return figures;
    }
}
