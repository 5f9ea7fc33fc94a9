package io.zoetrope.bundle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/** A copy of the tiny bundle, for a test to change. */
public final class BundleFolder {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;

    private BundleFolder(Path path) {
        this.path = path;
    }

    /** Returns the folder of the tiny bundle itself, which tests must not change. */
    public static Path original() {
        return resource("/tiny-bundle");
    }

    /** Returns the folder of the tiny bundle whose clips may start from an image; tests must not change it. */
    public static Path withImages() {
        return resource("/tiny-image-bundle");
    }

    /**
     * Returns the folder of the tiny bundle whose generator fails in a way that the number of a prompt's tokens
     * chooses; tests must not change it.
     */
    public static Path faulty() {
        return resource("/tiny-faulty-bundle");
    }

    private static Path resource(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(BundleFolder.class.getResource(name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Copies the tiny bundle into a folder. */
    public static BundleFolder copy(Path into) {
        return copy(original(), into.resolve("tiny"));
    }

    /** Copies the tiny bundle whose clips may start from an image into a folder. */
    public static BundleFolder copyWithImages(Path into) {
        return copy(withImages(), into.resolve("tiny-image"));
    }

    private static BundleFolder copy(Path original, Path folder) {
        try (Stream<Path> files = Files.list(original)) {
            Files.createDirectory(folder);
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new BundleFolder(folder);
    }

    public Path path() {
        return path;
    }

    /** Changes the manifest. */
    public void edit(Consumer<ObjectNode> change) throws IOException {
        Path manifest = path.resolve(Manifest.FILE);
        ObjectNode document = (ObjectNode) JSON.readTree(manifest.toFile());
        change.accept(document);
        JSON.writeValue(manifest.toFile(), document);
    }

    public void write(String file, byte[] bytes) throws IOException {
        Files.write(path.resolve(file), bytes);
    }

    /** Sets a stage's file and digest in the manifest to those of the given file, as an attacker would. */
    public void updateDigest(String stage, String file) throws IOException {
        String digest = DigestUtils.sha256Hex(Files.readAllBytes(path.resolve(file)));
        edit(manifest -> manifest.withObject("/" + stage).put("file", file).put("sha256", digest));
    }

    /** Returns the faults with which the bundle is refused; empty if it opens. */
    public List<String> faults() {
        try {
            ModelBundle.open(path);
            return List.of();
        } catch (BundleException e) {
            return e.faults();
        }
    }
}
