package io.zoetrope.outside;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program that ran to its end.
 *
 * @param line program and arguments
 * @param exit status
 * @param stdout as text
 * @param stderr as text
 */
record Command(List<String> line, int exit, String stdout, String stderr) {
    /** None takes a minute on an idle machine; one that hangs shall be told of all the same. */
    private static final long LIMIT_SECONDS = 300;

    private static final long GRACE_SECONDS = 20;
    /** As of timeout(1). */
    private static final int TIMED_OUT = 124;

    private static final File NOTHING = new File("/dev/null");

    /** Runs a program in a folder; one that takes too long is ended, with status 124. */
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
            List<ProcessHandle> all = Stream.concat(Stream.of(process.toHandle()), process.descendants())
                    .toList();
            all.forEach(ProcessHandle::destroy);
            process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
            all.forEach(ProcessHandle::destroyForcibly);
            return TIMED_OUT;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
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
