package io.zoetrope.bundle;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** A model as it is shipped: a verified folder. */
public final class ModelBundle {
    private final Path directory;
    private final Manifest manifest;
    private final String digest;

    private ModelBundle(Path directory, Manifest manifest, String digest) {
        this.directory = directory;
        this.manifest = manifest;
        this.digest = digest;
    }

    /**
     * Reads the manifest and verifies everything that it names; loads nothing.
     *
     * @param folder that holds {@code manifest.json}
     * @throws BundleException with every fault at once
     */
    public static ModelBundle open(Path folder) {
        Path directory = folder.toAbsolutePath().normalize();
        List<String> faults = new ArrayList<>();
        try {
            byte[] json = Files.readAllBytes(directory.resolve(Manifest.FILE));
            Optional<Manifest> manifest = ManifestReader.read(json, faults);
            if (manifest.isPresent()) {
                if (faults.isEmpty()) { // else some of what would be compared are stand-ins
                    ManifestChecks.check(manifest.get(), faults);
                }
                BundleFiles.check(directory, manifest.get(), faults);
            }
            if (faults.isEmpty()) {
                return new ModelBundle(directory, manifest.orElseThrow(), DigestUtils.sha256Hex(json));
            }
        } catch (IOException e) {
            faults.add("the folder cannot be read: " + e);
        }
        throw new BundleException(directory, faults);
    }

    /** The absolute folder. */
    public Path directory() {
        return directory;
    }

    public Manifest manifest() {
        return manifest;
    }

    /** SHA-256 of the manifest's bytes, in hex. It stands for the whole bundle, as the manifest holds every digest. */
    public String digest() {
        return digest;
    }

    /** Where a file of the bundle lies. */
    public Path path(DigestedFile file) {
        return directory.resolve(file.file());
    }
}
