package io.zoetrope.bundle;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;

/** A verified folder with the files of one model. */
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
     * Reads the manifest and verifies all files that it names. It does not load a model.
     *
     * @param folder the folder with {@code manifest.json}
     * @throws BundleException if there are faults, with all of them
     */
    public static ModelBundle open(Path folder) {
        Path directory = folder.toAbsolutePath().normalize();
        List<String> faults = new ArrayList<>();
        byte[] json = BundleFiles.readManifest(directory, faults);
        Optional<Manifest> manifest = faults.isEmpty() ? ManifestReader.read(json, faults) : Optional.empty();
        if (manifest.isPresent()) {
            if (faults.isEmpty()) { // else the manifest holds default values in place of the faulty ones
                ManifestChecks.check(manifest.get(), faults);
            }
            if (faults.isEmpty()) {
                TensorSizes.check(manifest.get(), faults);
            }
            BundleFiles.check(directory, manifest.get(), faults);
        }
        if (faults.isEmpty()) {
            return new ModelBundle(directory, manifest.orElseThrow(), DigestUtils.sha256Hex(json));
        }
        throw new BundleException(directory, faults);
    }

    /** Returns the bundle's folder as an absolute path. */
    public Path directory() {
        return directory;
    }

    public Manifest manifest() {
        return manifest;
    }

    /**
     * Returns the SHA-256 of the manifest in hex. It identifies the whole bundle, as the manifest has the digests of
     * all files.
     */
    public String digest() {
        return digest;
    }

    /** Returns the path of a file of the bundle. */
    public Path path(DigestedFile file) {
        return directory.resolve(file.file());
    }
}
