package io.zoetrope.fuzz;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The runs of one target under Jazzer, each a process of its own. They share a corpus, so a later run continues where an
 * earlier one ended.
 */
final class FuzzRun {
    /** The largest input that Jazzer starts from and makes. Longer inputs take longer and find little more. */
    private static final int MAX_LENGTH = 4 << 10;
    /** After this many inputs a new process starts, so that a run that is stopped loses little. */
    private static final long MOST_OF_A_PROCESS = 1_000_000;

    /** Classes whose branches say nothing about inputs: loops that would take most of the time, and the checks. */
    private static final List<String> NOT_INSTRUMENTED =
            List.of("io.zoetrope.config.NearestKey*", "io.zoetrope.fuzz.Promises", "io.zoetrope.fuzz.InputFile");

    private static final int SEED = 1;

    private static final int LINES_OF_OUTPUT = 60;

    private final Class<?> target;
    private final Path folder;
    private final Path corpus;

    /**
     * Creates the runs of a target.
     *
     * @param target the class with {@code fuzzerTestOneInput}
     * @param folder has a folder for each target, with its corpus, the logs and the inputs that broke a promise
     */
    FuzzRun(Class<?> target, Path folder) throws IOException {
        this.target = target;
        this.folder = folder.resolve(target.getSimpleName());
        this.corpus = Files.createDirectories(this.folder.resolve("corpus"));
        List<byte[]> seeds = Corpora.of(target);
        for (int i = 0; i < seeds.size(); i++) {
            if (seeds.get(i).length <= MAX_LENGTH) {
                Files.write(corpus.resolve("seed-" + i), seeds.get(i));
            }
        }
    }

    /**
     * Fuzzes for a time, and returns the exit code of Jazzer: 0 if no input broke a promise. The seed is always the
     * same, so that a test that fails fails because of a change: a run on a slower machine makes the same inputs, and
     * fewer of them.
     */
    int forSeconds(int seconds) throws IOException, InterruptedException {
        return fuzz("-max_total_time=" + seconds, "-seed=" + SEED);
    }

    /**
     * Fuzzes until all runs together have executed this many inputs, or one broke a promise. Each process has another
     * random seed, so that it makes inputs that none before it made.
     */
    int untilExecutions(long executions) throws IOException, InterruptedException {
        int exit = 0;
        for (long left = left(executions); left > 0 && exit == 0; left = left(executions)) {
            exit = fuzz("-runs=" + Math.min(left, MOST_OF_A_PROCESS));
        }
        return exit;
    }

    /** Returns the sum of all runs. */
    FuzzTotal total() throws IOException {
        return FuzzTotal.of(folder);
    }

    /** Returns the last lines of the newest log. */
    String lastOutput() throws IOException {
        List<String> lines = Files.readAllLines(log(logs() - 1));
        return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_OF_OUTPUT), lines.size()));
    }

    private long left(long executions) throws IOException {
        return executions - total().executions();
    }

    private int fuzz(String... limits) throws IOException, InterruptedException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx640m",
                "-XX:+UseSerialGC",
                "-cp",
                classPath,
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.getName(),
                "--instrumentation_includes=io.zoetrope.**",
                "--instrumentation_excludes=" + String.join(File.pathSeparator, NOT_INSTRUMENTED),
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + "/",
                "-max_len=" + MAX_LENGTH,
                "-timeout=600", // on a machine under load, the first input takes minutes: it instruments the classes
                "-rss_limit_mb=3000",
                "-print_final_stats=1",
                corpus.toString()));
        command.addAll(List.of(limits));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(logs()).toFile())
                .start()
                .waitFor();
    }

    private Path log(long number) {
        return folder.resolve(String.format("run-%04d.log", number));
    }

    private long logs() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".log")).count();
        }
    }
}
