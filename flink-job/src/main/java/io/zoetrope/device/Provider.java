package io.zoetrope.device;

import java.util.Arrays;
import java.util.Locale;

/** What ONNX Runtime computes a stage with: its execution provider. */
public enum Provider {
    /** {@link #CUDA} on a GPU, {@link #CPU} on the CPU. */
    AUTO,
    /** ONNX Runtime's own kernels for CPUs. */
    CPU,
    /** ONNX Runtime's kernels for NVIDIA GPUs, on CUDA and cuDNN. */
    CUDA,
    /** TensorRT: the parts of a graph that it accepts become engines, which are built for one GPU. */
    TENSORRT;

    /** Returns whether only a GPU has it. */
    public boolean needsGpu() {
        return this == CUDA || this == TENSORRT;
    }

    /**
     * Reads {@code auto}, {@code cpu}, {@code cuda} or {@code tensorrt}.
     *
     * @throws IllegalArgumentException for another text
     */
    static Provider parse(String text) {
        String name = text.strip().toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(provider -> provider.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(ProviderChoice.EXPECTED));
    }

    /** Returns the text that {@link #parse} reads. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
