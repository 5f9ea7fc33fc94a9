package io.zoetrope.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The report of a folder of runs, as Markdown. */
final class FuzzReport {
    private FuzzReport() {}

    /** Returns the report of all targets in a folder. */
    static String of(Path folder) throws IOException {
        StringBuilder report = new StringBuilder("""
                | target | inputs | seconds | edges of our code | inputs of the corpus | inputs that broke a promise |
                |---|---|---|---|---|---|
                """);
        List<Path> targets;
        try (Stream<Path> folders = Files.list(folder)) {
            targets = folders.filter(Files::isDirectory).sorted().toList();
        }
        for (Path target : targets) {
            FuzzTotal total = FuzzTotal.of(target);
            report.append(String.format(
                    "| `%s` | %,d | %,d | %d | %d | %d |%n",
                    total.target(),
                    total.executions(),
                    total.seconds(),
                    total.edges(),
                    total.corpus(),
                    total.findings()));
        }
        return report.toString();
    }
}
