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

/** Whether the files that a manifest names are there, inside the folder, and byte for byte what it says. */
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
        files.check(manifest.textEncoder());
        if (manifest.imageEncoder().isPresent()) {
            files.check(manifest.imageEncoder().get());
        }
        files.check(manifest.generator());
        files.check(manifest.decoder());
    }

    private void check(GraphFile graph) throws IOException {
        for (DigestedFile external : graph.externalData()) {
            check(external);
        }
        if (check(graph.file())) {
            checkLocations(graph);
        }
    }

    /** Whether the file is sound. What the manifest's reading has replaced by a stand-in is reported already. */
    private boolean check(DigestedFile expected) throws IOException {
        String name = expected.file();
        if (name.isEmpty()) {
            return false;
        }
        Optional<Path> file = inside("", name);
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
            fault(name, "expected an ONNX model, got no protobuf: " + e.getMessage());
            return;
        }
        Set<Path> listed = graph.externalData().stream()
                .flatMap(external -> inside("", external.file()).stream())
                .collect(Collectors.toSet());
        for (String location : locations) {
            Optional<Path> external = inside(name, location);
            if (external.isEmpty()) {
                fault(name, "a tensor lies in \"" + location + "\", outside the bundle's folder");
            } else if (!listed.contains(external.get())) {
                fault(name, "a tensor lies in \"" + location + "\", which is not in the manifest's external_data");
            }
        }
    }

    /** Where a path leads, as read beside another file of the bundle; empty if out of the folder or nowhere. */
    private Optional<Path> inside(String beside, String path) {
        try {
            Path relative = Path.of(beside).resolveSibling(path);
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
