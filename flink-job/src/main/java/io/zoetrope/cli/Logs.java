package io.zoetrope.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;

/** The log file. Warnings and stack traces go there, so that the console shows only the command's own output. */
final class Logs {
    /** The system property that zoetrope-log4j2.properties reads. */
    private static final String PROPERTY = "zoetrope.log";
    /** The age at which the log of another process is deleted; a process that runs writes to its log more often. */
    private static final Duration KEPT = Duration.ofDays(7);

    private Logs() {}

    /** Gives this process a log file of its own, and deletes old ones. Has no effect after the first log message. */
    static void start() {
        if (System.getProperty(PROPERTY) == null) {
            to(folder().resolve(prefix() + ProcessHandle.current().pid() + ".log"));
        }
        try {
            deleteOld(Instant.now().minus(KEPT));
        } catch (IOException e) {
            // Old logs are a nuisance, and no reason to refuse a command.
        }
    }

    /** Writes the log to a file. Has no effect after the first log message. */
    static void to(Path file) {
        System.setProperty(PROPERTY, file.toString());
    }

    /** Returns the path of the log file. */
    static Path file() {
        return Path.of(System.getProperty(
                PROPERTY, folder().resolve(prefix() + "0.log").toString()));
    }

    private static void deleteOld(Instant oldest) throws IOException {
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder(), prefix() + "*.log*")) {
            for (Path log : logs) {
                if (Files.getLastModifiedTime(log).compareTo(FileTime.from(oldest)) < 0) {
                    Files.deleteIfExists(log);
                }
            }
        }
    }

    private static Path folder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static String prefix() {
        return "zoetrope-" + System.getProperty("user.name") + "-";
    }
}
