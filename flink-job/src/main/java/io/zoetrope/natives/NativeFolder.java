package io.zoetrope.natives;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the folder that a library unpacks its natives to. Left alone, JavaCPP and DJL fall back to a folder of a
 * known name below the system's folder for temporary files if the user has no home, as in many containers. They load
 * whatever they find there, so another user of the machine could have put code there before.
 *
 * <p>The folder is {@code zoetrope/native} in the user's cache. If another user could write there, there is no home, or
 * the file system is mounted with noexec, it is a new folder with a random name, which is deleted when the process ends.
 */
public final class NativeFolder {
    private static @Nullable Path chosen;

    private NativeFolder() {}

    /**
     * Sets the system property by which a library finds its folder. Call it before the library's first use. A folder
     * that the operator has set by the property is checked and kept.
     *
     * @param property the library's system property
     * @param name the library's folder below the folder of all natives
     * @throws IllegalStateException if another user can write to the folder that the operator has set
     */
    public static synchronized void use(String property, String name) {
        String given = System.getProperty(property);
        try {
            if (given != null) {
                PrivateFolder.require(Path.of(given), "-D" + property);
            } else {
                System.setProperty(property, PrivateFolder.in(root(), name).toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no folder for the native libraries of " + name + ": " + e.getMessage(), e);
        }
    }

    private static Path root() throws IOException {
        if (chosen == null) {
            chosen = choose(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"));
        }
        return chosen;
    }

    /**
     * Returns the folder of all natives.
     *
     * @param cache the folder of the user's caches, by the XDG Base Directory Specification; null for its default
     * @param home the user's home
     */
    static Path choose(@Nullable String cache, String home) throws IOException {
        Path base = cache == null || cache.isEmpty() ? Path.of(home, ".cache") : Path.of(cache);
        Path folder = base.resolve("zoetrope").resolve("native");
        try {
            if (folder.isAbsolute() && (cache != null || Files.isDirectory(Path.of(home)))) {
                Files.createDirectories(base);
                PrivateFolder.in(PrivateFolder.in(base, "zoetrope"), "native");
                PrivateFolder.require(folder, "the cache");
                if (PrivateFolder.mayHoldPrograms(folder)) {
                    return folder;
                }
            }
        } catch (IOException | IllegalStateException e) {
            // Another user owns it or can write to it: see below.
        }
        Path random = Files.createTempDirectory("zoetrope-native-"); // with the mode 0700
        if (!PrivateFolder.mayHoldPrograms(random)) {
            Files.delete(random);
            throw new IOException(random.getParent() + " is mounted with noexec, and " + folder
                    + " is too, or cannot be used; set XDG_CACHE_HOME to a folder of this user on another file system");
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(random), "delete-natives"));
        return random;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            // It holds nothing but copies of libraries.
        }
    }
}
