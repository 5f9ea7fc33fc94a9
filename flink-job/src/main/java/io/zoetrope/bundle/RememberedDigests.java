package io.zoetrope.bundle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The digests of large files that earlier processes of the same user computed, one per line of a file in the user's
 * cache. A digest holds while the state of its file is the same: a change of the bytes sets the file's ctime, which no
 * program can choose. It does not notice bytes that a disk loses; delete the cache to verify all files again.
 *
 * <p>The cache saves time only, so a fault of it is no fault of a job: the digest is then computed.
 */
final class RememberedDigests {
    /** Smaller files are read faster than the cache is worth. */
    private static final long LEAST_BYTES = 16 << 20;

    private static final long MOST_CACHE_BYTES = 4 << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path cache;

    RememberedDigests(Path cache) {
        this.cache = cache;
    }

    /** Returns the digests in {@code zoetrope/digests} of the user's cache, by the XDG Base Directory Specification. */
    static RememberedDigests ofUser() {
        return new RememberedDigests(cache(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home")));
    }

    private static Path cache(@Nullable String folder, String home) {
        Path base = folder == null || folder.isEmpty() ? Path.of(home, ".cache") : Path.of(folder);
        return base.resolve("zoetrope").resolve("digests");
    }

    /**
     * Returns the digest of a file.
     *
     * @param state the file's state, with its ctime; without one, as on Windows, nothing is remembered
     */
    Optional<String> find(Path file, Map<String, Object> state) {
        if (!isWorthwhile(file, state)) {
            return Optional.empty();
        }
        try {
            String key = key(file, state);
            List<String> lines = isTrusted() ? Files.readAllLines(cache) : List.of();
            return lines.stream()
                    .filter(line -> line.endsWith(key)
                            && line.substring(0, line.length() - key.length()).matches("[0-9a-f]{64}"))
                    .map(line -> line.substring(0, line.length() - key.length()))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Remembers the digest of a file that had this state before it was read. */
    void add(Path file, Map<String, Object> state, String sha256) {
        if (!isWorthwhile(file, state)) {
            return;
        }
        try {
            if (!isTrusted() || Files.size(cache) > MOST_CACHE_BYTES) {
                Files.createDirectories(Objects.requireNonNull(cache.getParent()));
                Files.deleteIfExists(cache);
                Files.createFile(cache, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
            Files.writeString(cache, sha256 + key(file, state) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            // The next process computes the digest again.
        }
    }

    private static boolean isWorthwhile(Path file, Map<String, Object> state) {
        return state.containsKey("ctime")
                && state.get("size") instanceof Long size
                && size >= LEAST_BYTES
                && file.toString().chars().noneMatch(Character::isISOControl)
                && StandardCharsets.UTF_8.newEncoder().canEncode(file.toString());
    }

    private static String key(Path file, Map<String, Object> state) {
        return " " + new TreeMap<>(state) + " " + file;
    }

    /** Returns whether the cache exists and nobody but this user can have written it. */
    private boolean isTrusted() throws IOException {
        if (!Files.exists(cache, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        PosixFileAttributes attributes =
                Files.readAttributes(cache, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        return attributes.isRegularFile()
                && attributes.permissions().equals(OWNER_ONLY)
                && attributes.owner().getName().equals(System.getProperty("user.name"));
    }
}
