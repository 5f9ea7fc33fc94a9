package io.zoetrope.onnx;

import io.zoetrope.bundle.GraphFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The folder of the engines of one graph. Whatever an engine depends on and ONNX Runtime does not check is in its path:
 * the graph with its weights, ONNX Runtime's version, precision, scratch memory and shapes. ONNX Runtime itself names
 * the file after the GPU's compute capability, and TensorRT refuses an engine of another version.
 */
final class EngineCache {
    private EngineCache() {}

    /**
     * Returns the folder of a graph's engines; empty if engines are not kept.
     *
     * @param digest the bundle's digest, which covers the graph and its weights
     * @param runtime the version of ONNX Runtime
     */
    static Optional<Path> folder(
            ExecutionProvider.Gpu gpu, GraphFile graph, String digest, String runtime, ProfileShapes shapes) {
        String root = gpu.settings().engineCache();
        if (root.isEmpty()) {
            return Optional.empty();
        }
        String settings = gpu.settings().precision().name().toLowerCase(Locale.ROOT) + "-"
                + Integer.toHexString((shapes + "/" + gpu.settings().sessionBytes()).hashCode());
        return Optional.of(Path.of(root)
                .resolve("onnxruntime-" + runtime)
                .resolve(digest)
                .resolve(graph.file().file().replace('/', '_'))
                .resolve(settings));
    }

    /**
     * Creates a folder of engines.
     *
     * @throws UncheckedIOException if it cannot be created or written to
     */
    static void create(Path folder) {
        try {
            Files.createDirectories(folder);
            if (!Files.isWritable(folder)) {
                throw new IOException("the folder is not writable");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "engine-cache: " + folder + ": cannot be created or written to (" + e
                            + "); give a folder that this process can write to, on a volume that outlives it",
                    e);
        }
    }

    /** Returns whether TensorRT has built engines there before, so that a start takes seconds instead of minutes. */
    static boolean isFilled(Path folder) {
        try (var files = Files.newDirectoryStream(folder, "*.engine")) {
            return files.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }
}
