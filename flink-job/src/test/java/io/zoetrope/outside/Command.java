package io.zoetrope.outside;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that ran to its end.
 *
 * @param line program and arguments
 * @param exit status
 * @param stdout as text
 * @param stderr as text
 */
record Command(List<String> line, int exit, String stdout, String stderr) {
    private static final long LIMIT_SECONDS = 60;
    private static final File NOTHING = new File("/dev/null");

    /** Runs a program in a folder, for a minute at most. */
    static Command run(Path folder, String... line) {
        try {
            Path stdout = Files.createTempFile("command", ".stdout");
            Path stderr = Files.createTempFile("command", ".stderr");
            try {
                int exit = exit(new ProcessBuilder(line)
                        .directory(folder.toFile())
                        .redirectInput(NOTHING)
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
            if (process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                return process.exitValue();
            }
            throw new AssertionError(
                    process.info().commandLine().orElse("a command") + ": still running after " + LIMIT_SECONDS + " s");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /** This, or an error with all that the program said. */
    Command succeeded() {
        if (exit != 0) {
            throw new AssertionError(String.join(" ", line) + ": exit status " + exit + "\n" + stdout + "\n" + stderr);
        }
        return this;
    }
}
