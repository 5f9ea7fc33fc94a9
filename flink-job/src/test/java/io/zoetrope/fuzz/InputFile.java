package io.zoetrope.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of the process with the current input, for code that reads a file. */
record InputFile(Path path) {
    static InputFile create(String name) {
        try {
            Path path = Files.createTempDirectory("fuzz").resolve(name);
            path.toFile().deleteOnExit();
            return new InputFile(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces the content. */
    Path write(byte[] content) {
        try {
            return Files.write(path, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
