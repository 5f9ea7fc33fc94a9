package io.zoetrope.onnx;

import io.zoetrope.device.Provider;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/** What ONNX Runtime's GPU providers need beside their own libraries. */
enum GpuLibrary {
    /** Comes with the driver, and into containers through NVIDIA's container toolkit. */
    DRIVER("the NVIDIA driver"),
    CUDA("CUDA 12"),
    CUDNN("cuDNN 9"),
    TENSORRT("TensorRT 10");

    private final String title;

    GpuLibrary(String title) {
        this.title = title;
    }

    /** Returns the files that the providers link, or load later. */
    private List<String> files() {
        return switch (this) {
            case DRIVER -> List.of("libcuda.so.1");
            case CUDA -> List.of("libcudart.so.12", "libcublas.so.12", "libcublasLt.so.12", "libcurand.so.10");
            case CUDNN -> List.of("libcudnn.so.9");
            case TENSORRT -> List.of("libnvinfer.so.10", "libnvonnxparser.so.10");
        };
    }

    /**
     * Returns what a provider needs and this machine lacks, each with its files that were not found: {@code CUDA 12
     * (libcublas.so.12)}.
     *
     * @param exists whether the dynamic linker finds a library
     */
    static List<String> missing(Provider provider, Predicate<String> exists) {
        return Arrays.stream(values())
                .filter(library -> library != TENSORRT || provider == Provider.TENSORRT)
                .flatMap(library -> library.missing(exists).stream())
                .toList();
    }

    /** Returns this with its files that were not found; empty if all were. */
    List<String> missing(Predicate<String> exists) {
        List<String> lacking = files().stream().filter(exists.negate()).toList();
        return lacking.isEmpty() ? List.of() : List.of(title + " (" + String.join(", ", lacking) + ")");
    }
}
