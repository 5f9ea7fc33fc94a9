package io.zoetrope.outside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The main class of a jar that a page from elsewhere tries to run. It leaves a file, so the test sees that it ran. */
public final class Intruder {
    private Intruder() {}

    /** Writes the file that the argument names. */
    public static void main(String[] arguments) throws IOException {
        Files.writeString(Path.of(arguments[0]), "code of a foreign page has run");
    }
}
