package io.zoetrope.outside;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The result of a program that has ended.
 *
 * @param line the program and its arguments
 * @param exit the exit status
 * @param stdout the standard output as text
 * @param stderr the standard error as text
 */
record Command(List<String> line, int exit, String stdout, String stderr) {
    /** The time limit of a program. On an idle machine no program of the tests takes a minute. */
    private static final Duration TIME_LIMIT = Duration.ofMinutes(5);

    private static final Duration GRACE_PERIOD = Duration.ofSeconds(20);
    /** The exit status that timeout(1) uses for a program that exceeds its time limit. */
    private static final int TIMED_OUT = 124;

    private static final File NO_INPUT = new File("/dev/null");

    /** Runs a program in a folder. A program that exceeds the time limit is killed and gets the exit status 124. */
    static Command run(Path folder, String... line) {
        try {
            Path stdout = Files.createTempFile("command", ".stdout");
            Path stderr = Files.createTempFile("command", ".stderr");
            try {
                int exit = exit(new ProcessBuilder(line)
                        .directory(folder.toFile())
                        .redirectInput(NO_INPUT)
                        .redirectOutput(stdout.toFile())
                        .redirectError(stderr.toFile())
                        .start());
                return new Command(List.of(line), exit, Files.readString(stdout), Files.readString(stderr));
            } finally {
                Files.delete(stdout);
                Files.delete(stderr);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", line), e);
        }
    }

    private static int exit(Process process) {
        try {
            if (process.waitFor(TIME_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                    .toList();
            all.forEach(ProcessHandle::destroy);
            process.waitFor(GRACE_PERIOD.toSeconds(), TimeUnit.SECONDS);
            all.forEach(ProcessHandle::destroyForcibly);
            return TIMED_OUT;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Returns this result, or throws an {@link AssertionError} with the program's output if the exit status is not 0.
     */
    Command succeeded() {
        if (exit != 0) {
            throw new AssertionError(String.join(" ", line) + ": exit status " + exit + "\n" + stdout + "\n" + stderr);
        }
        return this;
    }
}
