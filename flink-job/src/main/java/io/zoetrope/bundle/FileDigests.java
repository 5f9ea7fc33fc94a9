package io.zoetrope.bundle;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 digests of files. A file is read once while its inode, its size and the times of its last changes stay
 * the same, large files also across processes ({@link RememberedDigests}): the weights of a large model take minutes to
 * read, and every slot and restart opens them.
 */
final class FileDigests {
    /** The digests of this process. */
    static final FileDigests PROCESS_WIDE = new FileDigests(
            Clock.systemUTC(),
            file -> new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(file),
            RememberedDigests.ofUser());

    /** The number of files above which all are forgotten, so that the memory is bounded. */
    private static final int MOST_FILES = 10_000;
    /** A file that changed less than this before it was read can change again without a new time. */
    private static final Duration TIME_RESOLUTION = Duration.ofSeconds(2);
    /** The inode, and the times that a change of the bytes (mtime) or of anything (ctime) sets. */
    private static final String UNIX_STATE = "unix:dev,ino,size,lastModifiedTime,ctime";

    private static final String OTHER_STATE = "size,lastModifiedTime,creationTime,fileKey";

    private final Map<Path, Digest> digests = new ConcurrentHashMap<>();
    private final Clock clock;
    private final Reading reading;
    private final RememberedDigests remembered;

    FileDigests(Clock clock, Reading reading, RememberedDigests remembered) {
        this.clock = clock;
        this.reading = reading;
        this.remembered = remembered;
    }

    /** Computes the digest of a file. */
    @FunctionalInterface
    interface Reading {
        String digest(Path file) throws IOException;
    }

    /**
     * A digest and the file's state before it was read.
     *
     * @param settled whether a later change gives another state
     */
    private record Digest(Map<String, Object> state, boolean settled, String sha256) {}

    /**
     * Returns the digest of a file in lower-case hex. Threads that need the same file wait for one that reads it.
     *
     * @param file a real path
     */
    String sha256(Path file) throws IOException {
        if (digests.size() > MOST_FILES) {
            digests.clear();
        }
        try {
            return digests.compute(file, this::current).sha256();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private Digest current(Path file, @Nullable Digest known) {
        try {
            Map<String, Object> state = state(file);
            return known != null && known.settled() && known.state().equals(state) ? known : read(file, state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a file. Its state is that before the read, so a change during the read counts as a later one. */
    private Digest read(Path file, Map<String, Object> state) throws IOException {
        Instant latest = clock.instant().minus(TIME_RESOLUTION);
        boolean settled = state.values().stream()
                .noneMatch(value ->
                        value instanceof FileTime time && time.toInstant().isAfter(latest));
        Optional<String> known = remembered.find(file, state);
        if (known.isPresent()) {
            return new Digest(state, settled, known.get());
        }
        String sha256 = reading.digest(file);
        if (settled) {
            remembered.add(file, state, sha256);
        }
        return new Digest(state, settled, sha256);
    }

    private static Map<String, Object> state(Path file) throws IOException {
        boolean unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
        return Files.readAttributes(file, unix ? UNIX_STATE : OTHER_STATE);
    }
}
