package io.zoetrope.device;

import java.util.Arrays;
import java.util.Locale;

/** What a stage is computed with. */
public enum Provider {
    /** {@link #CUDA} on a GPU, {@link #CPU} on the CPU. */
    AUTO,
    /** ONNX Runtime's own kernels for CPUs. */
    CPU,
    /** ONNX Runtime's kernels for NVIDIA GPUs, on CUDA and cuDNN. */
    CUDA,
    /** ONNX Runtime with TensorRT: the parts of a graph that it accepts become engines, which are built for one GPU. */
    TENSORRT,
    /** TensorRT alone: the whole graph becomes one engine, and what passes between stages stays on the GPU. */
    TENSORRT_ENGINE;

    /** Returns whether only a GPU has it. */
    public boolean needsGpu() {
        return this == CUDA || this == TENSORRT || this == TENSORRT_ENGINE;
    }

    /**
     * Reads {@code auto}, {@code cpu}, {@code cuda}, {@code tensorrt} or {@code tensorrt-engine}.
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
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
