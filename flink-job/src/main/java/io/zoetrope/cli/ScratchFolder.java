package io.zoetrope.cli;

import io.zoetrope.kafka.FolderLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A temporary folder that is deleted when it is closed. A process that is killed leaves its folder; the next one deletes
 * it. The lock of a folder shows whether its process still lives.
 */
final class ScratchFolder implements AutoCloseable {
    private static final String PREFIX = "zoetrope-scratch-";
    /** A younger folder may belong to a process that is about to lock it. */
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private final Path path;
    private final FolderLock lock;

    private ScratchFolder(Path path, FolderLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Creates a folder in the system's folder for temporary files. */
    static ScratchFolder create() throws IOException {
        return createIn(Path.of(System.getProperty("java.io.tmpdir")), Instant.now());
    }

    /**
     * Creates a folder in another, and deletes the folders there whose processes have ended.
     *
     * @param now the current time
     */
    static ScratchFolder createIn(Path parent, Instant now) throws IOException {
        deleteAbandoned(parent, now.minus(YOUNG));
        Path path = Files.createTempDirectory(parent, PREFIX);
        return new ScratchFolder(path, FolderLock.tryOn(path).orElseThrow());
    }

    private static void deleteAbandoned(Path parent, Instant before) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path folder : folders) {
                if (Files.getLastModifiedTime(folder).toInstant().isBefore(before) && Files.isWritable(folder)) {
                    try (FolderLock abandoned = FolderLock.tryOn(folder).orElse(null)) {
                        if (abandoned != null) {
                            delete(folder);
                        }
                    }
                }
            }
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try (lock) {
            delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the temporary folder " + path + " could not be deleted; delete it by hand", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
