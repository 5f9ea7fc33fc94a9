package io.zoetrope.bundle;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.MessageDigestAlgorithms;

/**
 * The checks of the files that a manifest names: each is present, inside the folder, and has the digest in the
 * manifest.
 */
final class BundleFiles {
    private final Path directory;
    private final List<String> faults;

    private BundleFiles(Path directory, List<String> faults) {
        this.directory = directory;
        this.faults = faults;
    }

    static void check(Path directory, Manifest manifest, List<String> faults) throws IOException {
        BundleFiles files = new BundleFiles(directory, faults);
        files.check(manifest.tokenizer().file());
        for (GraphFile graph : manifest.graphs()) {
            files.check(graph);
        }
    }

    private void check(GraphFile graph) throws IOException {
        for (DigestedFile external : graph.externalData()) {
            check(external);
        }
        if (check(graph.file())) {
            checkLocations(graph);
        }
    }

    /**
     * Returns whether the file passes. The reader of the manifest has already reported a name or digest that is empty.
     */
    private boolean check(DigestedFile expected) throws IOException {
        String name = expected.file();
        if (name.isEmpty()) {
            return false;
        }
        Optional<Path> file = resolve("", name);
        if (file.isEmpty()) {
            return fault(name, "expected a relative path that stays in the bundle's folder");
        }
        if (!Files.isRegularFile(file.get())) {
            return fault(name, "the manifest names this file, it is missing");
        }
        if (!file.get().toRealPath().startsWith(directory.toRealPath())) {
            return fault(
                    name,
                    "expected a file in the bundle's folder, got a link to "
                            + file.get().toRealPath());
        }
        String actual = new DigestUtils(MessageDigestAlgorithms.SHA_256).digestAsHex(file.get());
        if (!expected.sha256().isEmpty() && !expected.sha256().equals(actual)) {
            return fault(name, "expected sha256 " + expected.sha256() + ", got " + actual);
        }
        return true;
    }

    private void checkLocations(GraphFile graph) throws IOException {
        String name = graph.file().file();
        Set<String> locations;
        try {
            locations = ExternalData.locations(directory.resolve(name));
        } catch (InvalidProtocolBufferException e) {
            fault(name, "expected an ONNX model, got a file that is not protobuf: " + e.getMessage());
            return;
        }
        Set<Path> listed = graph.externalData().stream()
                .flatMap(external -> resolve("", external.file()).stream())
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
