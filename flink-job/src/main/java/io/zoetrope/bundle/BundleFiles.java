package io.zoetrope.bundle;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The checks of the files that a manifest names: each is present, inside the folder, and has the digest in the
 * manifest.
 */
final class BundleFiles {
    private static final long MOST_MANIFEST_BYTES = 1 << 20;
    /** Twice the largest vocabulary that is known; the parsers take several times as much memory. */
    private static final long MOST_TOKENIZER_BYTES = 64 << 20;
    /** The limit of protobuf. Larger models keep their weights in external data. */
    private static final long MOST_GRAPH_BYTES = Integer.MAX_VALUE;

    private final Path directory;
    private final List<String> faults;

    private BundleFiles(Path directory, List<String> faults) {
        this.directory = directory;
        this.faults = faults;
    }

    /** Returns the bytes of the manifest; empty and a fault if there is none that can be read. */
    static byte[] readManifest(Path directory, List<String> faults) {
        BundleFiles files = new BundleFiles(directory, faults);
        return files.checked(Manifest.FILE, directory.resolve(Manifest.FILE), MOST_MANIFEST_BYTES)
                ? files.reading(Manifest.FILE, () -> Files.readAllBytes(directory.resolve(Manifest.FILE)))
                        .orElse(new byte[0])
                : new byte[0];
    }

    static void check(Path directory, Manifest manifest, List<String> faults) {
        BundleFiles files = new BundleFiles(directory, faults);
        files.checkNames(manifest);
        files.check(manifest.tokenizer().file(), MOST_TOKENIZER_BYTES);
        for (GraphFile graph : manifest.graphs()) {
            files.check(graph);
        }
    }

    /** Checks that no two names are those of one file on a file system that ignores case. */
    private void checkNames(Manifest manifest) {
        Map<String, String> names = new HashMap<>(Map.of(Manifest.FILE, Manifest.FILE));
        Stream.concat(
                        Stream.of(manifest.tokenizer().file()),
                        manifest.graphs().stream()
                                .flatMap(
                                        graph -> Stream.concat(Stream.of(graph.file()), graph.externalData().stream())))
                .map(DigestedFile::file)
                .forEach(name -> {
                    String other = names.putIfAbsent(name.toLowerCase(Locale.ROOT), name);
                    if (other != null && (!other.equals(name) || name.equals(Manifest.FILE))) {
                        fault(name, "expected names that differ in more than their case, got " + other);
                    }
                });
    }

    private void check(GraphFile graph) {
        graph.externalData().forEach(external -> check(external, Long.MAX_VALUE));
        if (check(graph.file(), MOST_GRAPH_BYTES)) {
            checkLocations(graph);
        }
    }

    /**
     * Returns whether the file passes. The reader of the manifest has already reported a name or digest that is empty.
     */
    private boolean check(DigestedFile expected, long mostBytes) {
        String name = expected.file();
        if (name.isEmpty()) {
            return false;
        }
        Path file = directory.resolve(name);
        if (!checked(name, file, mostBytes)) {
            return false;
        }
        Optional<Path> real = reading(name, file::toRealPath);
        Optional<Path> home = reading(name, directory::toRealPath);
        if (real.isEmpty() || home.isEmpty()) {
            return false;
        }
        if (!real.get().startsWith(home.get())) {
            return fault(name, "expected a file in the bundle's folder, got a link to " + real.get());
        }
        Optional<String> actual = reading(name, () -> FileDigests.PROCESS_WIDE.sha256(real.get()));
        if (actual.isPresent()
                && !expected.sha256().isEmpty()
                && !expected.sha256().equals(actual.get())) {
            return fault(name, "expected sha256 " + expected.sha256() + ", got " + actual.get());
        }
        return actual.isPresent();
    }

    /** Returns whether a path is that of a regular file with at most the given bytes, before it is opened. */
    private boolean checked(String name, Path file, long mostBytes) {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return fault(name, "the bundle needs this file, it is missing");
        }
        if (!Files.isRegularFile(file)) {
            return fault(name, "expected a regular file, got a folder, a device, a pipe, or a link to nothing");
        }
        Optional<Long> bytes = reading(name, () -> Files.size(file));
        if (bytes.isPresent() && bytes.get() > mostBytes) {
            return fault(name, "expected at most " + mostBytes + " bytes, got " + bytes.get());
        }
        return bytes.isPresent();
    }

    /** Returns what was read; empty and a fault if that fails. */
    private <T> Optional<T> reading(String name, Reading<T> reading) {
        try {
            return Optional.of(reading.read());
        } catch (InvalidProtocolBufferException e) {
            fault(name, "expected an ONNX model, got a file that is not protobuf: " + e.getMessage());
        } catch (AccessDeniedException e) {
            fault(name, "this process may not read the file; give it the permission");
        } catch (IOException e) {
            fault(name, "the file cannot be read: " + e.getMessage());
        }
        return Optional.empty();
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    private void checkLocations(GraphFile graph) {
        String name = graph.file().file();
        Set<String> locations = reading(name, () -> ExternalData.locations(directory.resolve(name)))
                .orElse(Set.of());
        Set<Path> listed = graph.externalData().stream()
                .map(external -> directory.resolve(external.file()))
                .collect(Collectors.toSet());
        for (String location : locations) {
            Optional<Path> external = resolve(name, location);
            if (external.isEmpty()) {
                fault(name, "a tensor is stored in \"" + location + "\", outside the bundle's folder");
            } else if (!listed.contains(external.get())) {
                fault(name, "a tensor is stored in \"" + location + "\", which is not in the manifest's external_data");
            }
        }
    }

    /**
     * Resolves a path next to another file of the bundle; empty if the result is outside the folder or the path is
     * invalid.
     */
    private Optional<Path> resolve(String sibling, String path) {
        try {
            Path relative = Path.of(sibling).resolveSibling(path);
            Path target = directory.resolve(relative).normalize();
            boolean within = !relative.isAbsolute() && target.startsWith(directory) && !target.equals(directory);
            return within ? Optional.of(target) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private boolean fault(String file, String message) {
        faults.add(file + ": " + message);
        return false;
    }
}
