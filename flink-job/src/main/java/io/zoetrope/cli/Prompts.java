package io.zoetrope.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads prompts and first frames from files, and creates requests from them. */
final class Prompts {
    private Prompts() {}

    /**
     * Reads prompts from a file, one per line. Ignores blank lines and lines that start with {@code #}.
     *
     * @throws UsageException if the file cannot be read or has no prompt
     */
    static List<String> read(Path file) {
        try {
            List<String> prompts = Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
            if (prompts.isEmpty()) {
                throw new UsageException(file + " has no prompt; write one prompt per line");
            }
            return prompts;
        } catch (IOException e) {
            throw new UsageException(
                    "the prompts file " + file + " cannot be read (" + e + "); give a file of UTF-8 text with one"
                            + " prompt per line",
                    e);
        }
    }

    /**
     * Reads the bytes of an image file; returns empty if {@code file} is null.
     *
     * @throws UsageException if the file cannot be read
     */
    static Optional<ByteBuffer> firstFrame(@Nullable Path file) {
        if (file == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new UsageException(
                    "the first frame " + file + " cannot be read (" + e + "); give a PNG or JPEG file", e);
        }
    }
}
