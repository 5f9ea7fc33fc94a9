package io.zoetrope.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Explains a full disk. The message of the operating system does not name the disk and has no remedy. */
final class DiskFull {
    private static final List<String> MESSAGES = List.of("No space left on device", "Disk quota exceeded");

    /** A disk with less space left is full for a broker, whose files grow by more. */
    private static final long FULL = 1 << 20;

    private DiskFull() {}

    /** Returns a sentence on a full disk; empty if an exception and its causes have another reason. */
    static Optional<String> explain(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            Optional<String> sentence = explain(String.valueOf(cause.getMessage()));
            if (sentence.isPresent()) {
                return sentence;
            }
        }
        return Optional.empty();
    }

    /** Returns a sentence on a full disk; empty if a message has another reason. */
    static Optional<String> explain(String message) {
        if (MESSAGES.stream().noneMatch(message::contains)) {
            return Optional.empty();
        }
        // The log is beside the state of a job and the videos of a demo; all else is temporary.
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(Logs.file().toAbsolutePath().normalize().getParent());
        folders.add(Path.of(System.getProperty("java.io.tmpdir")));
        return Optional.of("a disk is full ("
                + folders.stream().map(DiskFull::free).collect(Collectors.joining(", "))
                + "); make space there, or choose another folder");
    }

    /** Returns a sentence on a full disk; empty if a folder's disk is not full. */
    static Optional<String> explain(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace() < FULL ? explain(MESSAGES.get(0)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static String free(Path folder) {
        try {
            return folder + " has " + (Files.getFileStore(folder).getUsableSpace() >> 20) + " MiB free";
        } catch (IOException e) {
            return folder + " cannot be read";
        }
    }
}
