package io.zoetrope.tensorrt;

import io.zoetrope.natives.JavaCppSettings;
import io.zoetrope.natives.LinkerPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.tensorrt.global.nvinfer;
import org.bytedeco.tensorrt.global.nvonnxparser;

/** CUDA and TensorRT through the JavaCPP bindings {@code org.bytedeco:cuda} and {@code org.bytedeco:tensorrt}. */
final class BytedecoLibraries {
    /** The native part of a binding, which only the build for GPUs has. */
    private static final String NATIVE_PART = "/org/bytedeco/cuda/linux-x86_64/libjnicudart.so";

    private BytedecoLibraries() {}

    /**
     * Loads the libraries.
     *
     * @throws IllegalStateException if they cannot be loaded on this machine
     */
    static void require() {
        JavaCppSettings.apply();
        try {
            for (Class<?> library : List.of(cudart.class, cublas.class, nvinfer.class, nvonnxparser.class)) {
                Loader.load(library);
            }
        } catch (LinkageError e) {
            throw new IllegalStateException(
                    unusable(
                            String.valueOf(e.getMessage()),
                            BytedecoLibraries.class.getResource(NATIVE_PART) != null,
                            LinkerPath.ofProcess(System.getenv())),
                    e);
        }
    }

    /**
     * Returns the error of a process that cannot load the libraries.
     *
     * @param message what the JVM says
     * @param gpuBuild whether the native parts of the bindings are on the class path
     * @param exists whether the dynamic linker finds a library
     */
    static String unusable(String message, boolean gpuBuild, Predicate<String> exists) {
        StringBuilder text =
                new StringBuilder("provider tensorrt-engine: its libraries cannot be loaded here: ").append(message);
        if (!gpuBuild) {
            text.append("; this is the build for CPUs: build for GPUs (ZOETROPE_GPU=1 ./zoetrope does)");
        }
        List<String> missing = new ArrayList<>();
        add("the NVIDIA driver", missing, exists, "libcuda.so.1");
        add("CUDA 13", missing, exists, "libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13");
        add(
                "TensorRT " + Libraries.text(bindingVersion()) + " for CUDA 13",
                missing,
                exists,
                "libnvinfer.so.10",
                "libnvonnxparser.so.10");
        if (!missing.isEmpty()) {
            text.append("; not found on this machine: ").append(String.join(", ", missing));
        }
        return text.append("; docs/gpu.md says how to get what is missing; or choose --provider cpu")
                .toString();
    }

    private static void add(String title, List<String> missing, Predicate<String> exists, String... files) {
        List<String> lacking = Stream.of(files).filter(exists.negate()).toList();
        if (!lacking.isEmpty()) {
            missing.add(title + " (" + String.join(", ", lacking) + ")");
        }
    }

    /** Returns the libraries, which {@link #require} has loaded. */
    static Libraries open() {
        TensorRtLog log = new TensorRtLog();
        return new Libraries(new BytedecoCuda(), new BytedecoTensorRt(log), log, bindingVersion());
    }

    /** Returns the version of the headers that the binding was made from. The compiler writes the numbers here. */
    private static int bindingVersion() {
        return 10_000 * nvinfer.NV_TENSORRT_MAJOR + 100 * nvinfer.NV_TENSORRT_MINOR + nvinfer.NV_TENSORRT_PATCH;
    }
}
