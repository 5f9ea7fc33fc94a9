package io.zoetrope.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sum of a target's finished runs, read from Jazzer's logs.
 *
 * @param target the simple name of the target
 * @param executions the number of inputs
 * @param seconds the time of all runs
 * @param edges the edges of our code that the corpus covers
 * @param corpus the number of inputs that each cover something new
 * @param findings the number of inputs that broke a promise
 */
record FuzzTotal(String target, long executions, long seconds, int edges, int corpus, int findings) {
    /** The last line of a run: {@code #132483 DONE cov: 339 ft: 841 corp: 92/30Kb ...}. */
    private static final Pattern DONE = Pattern.compile("#\\d+\\s+DONE\\s+cov: (\\d+) .*corp: (\\d+)/");

    private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs in (\\d+) second");
    /** The names that libFuzzer gives to inputs that end a run. */
    private static final Pattern FINDING = Pattern.compile("(crash|timeout|oom|slow-unit)-\\w+");

    /** Returns the sum of the runs in a target's folder. */
    static FuzzTotal of(Path folder) throws IOException {
        long executions = 0;
        long seconds = 0;
        int edges = 0;
        int corpus = 0;
        int findings = 0;
        for (Path file : files(folder)) {
            if (FINDING.matcher(file.getFileName().toString()).matches()) {
                findings++;
            } else if (file.toString().endsWith(".log")) {
                // Jazzer prints bytes of inputs, which are not UTF-8.
                String log = Files.readString(file, StandardCharsets.ISO_8859_1);
                Matcher runs = RUNS.matcher(log);
                Matcher done = DONE.matcher(log);
                if (runs.find() && done.find()) {
                    executions += Long.parseLong(runs.group(1));
                    seconds += Long.parseLong(runs.group(2));
                    edges = Integer.parseInt(done.group(1));
                    corpus = Integer.parseInt(done.group(2));
                }
            }
        }
        return new FuzzTotal(folder.getFileName().toString(), executions, seconds, edges, corpus, findings);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Override
    public String toString() {
        return target + ": " + executions + " inputs in " + seconds + " s, " + edges + " edges, a corpus of " + corpus
                + " inputs, " + findings + " findings";
    }
}
