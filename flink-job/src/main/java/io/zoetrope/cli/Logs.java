package io.zoetrope.cli;

import java.nio.file.Path;

/** Where warnings and stack traces go, so that the console stays a conversation. */
final class Logs {
    /** Read by zoetrope-log4j2.properties, which falls back to the same place. */
    private static final String PROPERTY = "zoetrope.log";

    private Logs() {}

    /** Sends the log to a file; to be called before anything logs. */
    static void to(Path file) {
        System.setProperty(PROPERTY, file.toString());
    }

    /** The file that the log goes to. */
    static Path file() {
        String file = System.getProperty(PROPERTY);
        return file != null
                ? Path.of(file)
                : Path.of(System.getProperty("java.io.tmpdir"), "zoetrope-" + System.getProperty("user.name") + ".log");
    }
}
