package io.zoetrope.natives;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The folders in which Linux's dynamic linker looks for a shared library: {@code LD_LIBRARY_PATH}, the linker's cache,
 * and the standard folders. Loading a library would be a stricter check, but runs its code.
 *
 * @param folders the folders to search
 * @param cache the linker's cache, a file that contains the paths of libraries between zero bytes
 */
public record LinkerPath(List<Path> folders, Path cache) implements Predicate<String> {
    /** Returns the path of this process. */
    public static LinkerPath ofProcess(Map<String, String> environment) {
        Stream<String> listed = Stream.of(
                        environment.getOrDefault("LD_LIBRARY_PATH", "").split(":", -1))
                .filter(folder -> !folder.isBlank());
        Stream<String> standard = Stream.of(
                "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu");
        return new LinkerPath(Stream.concat(listed, standard).map(Path::of).toList(), Path.of("/etc/ld.so.cache"));
    }

    @Override
    public boolean test(String library) {
        return folders.stream().anyMatch(folder -> Files.exists(folder.resolve(library))) || isInCache(library);
    }

    private boolean isInCache(String library) {
        try {
            return Files.readString(cache, StandardCharsets.ISO_8859_1).contains("/" + library + "\0");
        } catch (IOException e) {
            return false;
        }
    }
}
