package io.zoetrope.tensorrt;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.device.GpuSettings;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How the engines of one lane are built and run.
 *
 * @param process TensorRT in this process
 * @param device the GPU's index among those that CUDA lists, from 0
 * @param settings how GPUs are used
 * @param batchMax the largest number of prompts in a batch, unless the graph accepts fewer
 * @param buffers the pool of the outputs on the host
 */
public record EngineSpec(TensorRtProcess process, int device, GpuSettings settings, int batchMax, BufferPool buffers) {
    /** Returns the folder of this package's engines below the operator's; empty if engines are not kept. */
    Optional<Path> engineFolder() {
        return settings.engineCache().isEmpty()
                ? Optional.empty()
                : Optional.of(Path.of(settings.engineCache()).resolve("tensorrt-engine"));
    }
}
