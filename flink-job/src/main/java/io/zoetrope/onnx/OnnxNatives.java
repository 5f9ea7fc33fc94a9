package io.zoetrope.onnx;

import ai.onnxruntime.OrtEnvironment;
import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.natives.NativeFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks ONNX Runtime's natives to the folder of all natives. ONNX Runtime itself would unpack them in every process to
 * the system's folder for temporary files, which may be mounted with noexec, and a killed process would leave them.
 */
final class OnnxNatives {
    private static final String FOLDER = "onnxruntime.native.path";
    /** The libraries that a build for CPUs or GPUs has. ONNX Runtime looks for each in the folder. */
    private static final List<String> LIBRARIES = List.of(
            "onnxruntime",
            "onnxruntime4j_jni",
            "onnxruntime_providers_shared",
            "onnxruntime_providers_cuda",
            "onnxruntime_providers_tensorrt");

    private static boolean unpacked;

    private OnnxNatives() {}

    /**
     * Unpacks the natives of Linux, once. Call it before the first use of ONNX Runtime.
     *
     * @throws NativeLibraryException if no folder can hold them
     */
    static synchronized void unpack() {
        if (unpacked || !System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
            return;
        }
        boolean given = System.getProperty(FOLDER) != null;
        try {
            // Each build has a folder of its own: ONNX Runtime takes what it finds, also a provider of the other build.
            NativeFolder.use(
                    FOLDER, resource("onnxruntime_providers_cuda") == null ? "onnxruntime" : "onnxruntime-gpu");
            if (!given) {
                unpackTo(Path.of(System.getProperty(FOLDER)));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new NativeLibraryException("ONNX Runtime", e);
        }
        unpacked = true;
    }

    private static void unpackTo(Path folder) throws IOException {
        for (String name : LIBRARIES) {
            URL library = resource(name);
            if (library != null) {
                unpack(library, folder.resolve(System.mapLibraryName(name)));
            }
        }
    }

    /** Returns a library inside the artifact; null if its build has none of this name. */
    private static @Nullable URL resource(String name) {
        String arch = System.getProperty("os.arch").equals("amd64") ? "x64" : System.getProperty("os.arch");
        return OrtEnvironment.class.getResource(
                "/ai/onnxruntime/native/linux-" + arch + "/" + System.mapLibraryName(name));
    }

    /** Writes a library unless it is there. Other processes may do the same, so the complete file appears at once. */
    private static void unpack(URL library, Path target) throws IOException {
        URLConnection connection = library.openConnection();
        connection.setUseCaches(false);
        try (InputStream content = connection.getInputStream()) {
            if (Files.exists(target) && Files.size(target) == connection.getContentLengthLong()) {
                return;
            }
            Path partial = Files.createTempFile(Objects.requireNonNull(target.getParent()), "partial-", "");
            Files.copy(content, partial, StandardCopyOption.REPLACE_EXISTING);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
