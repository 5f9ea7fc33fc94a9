package io.zoetrope.flink;

import java.util.regex.Pattern;
import org.apache.flink.core.fs.Path;

/** Reads the folders that options name, on any file system that Flink supports. */
final class FolderPath {
    private static final Pattern URI = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:/.*");

    private FolderPath() {}

    /**
     * Returns the folder at a path or a URI. Does not check or create it.
     *
     * @throws IllegalArgumentException if the text is not a path and not a URI
     */
    static Path of(String folder) {
        return URI.matcher(folder).matches()
                ? new Path(folder)
                : new Path(
                        "file",
                        null,
                        java.nio.file.Path.of(folder).toAbsolutePath().toString());
    }
}
