package io.zoetrope.cli;

import java.nio.file.Path;

/** The log file. Warnings and stack traces go there, so that the console shows only the command's own output. */
final class Logs {
    /** The system property that zoetrope-log4j2.properties reads. Its default is the same file as below. */
    private static final String PROPERTY = "zoetrope.log";

    private Logs() {}

    /** Writes the log to a file. Has no effect after the first log message. */
    static void to(Path file) {
        System.setProperty(PROPERTY, file.toString());
    }

    /** Returns the path of the log file. */
    static Path file() {
        String file = System.getProperty(PROPERTY);
        return file != null
                ? Path.of(file)
                : Path.of(System.getProperty("java.io.tmpdir"), "zoetrope-" + System.getProperty("user.name") + ".log");
    }
}
