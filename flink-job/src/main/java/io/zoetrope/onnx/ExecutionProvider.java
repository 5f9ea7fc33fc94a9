package io.zoetrope.onnx;

import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;

/** The processor on which ONNX Runtime runs a graph. */
public sealed interface ExecutionProvider {
    /** The cores of the CPU. */
    record Cpu() implements ExecutionProvider {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    /**
     * One GPU. ONNX Runtime needs its GPU build, {@code onnxruntime_gpu}, in place of the CPU build that ships.
     *
     * @param index the GPU's index among those that CUDA lists, from 0
     * @param provider {@link Provider#CUDA} or {@link Provider#TENSORRT}
     * @param settings how ONNX Runtime uses GPUs
     * @param batchMax the largest number of prompts in a batch, unless the graph accepts fewer
     */
    record Gpu(int index, Provider provider, GpuSettings settings, int batchMax) implements ExecutionProvider {
        /** Throws an {@link IllegalArgumentException} for a negative index and for a provider that is not ONNX Runtime's. */
        public Gpu {
            if (index < 0) {
                throw new IllegalArgumentException("cuda: expected a GPU from 0, got " + index);
            }
            if (provider != Provider.CUDA && provider != Provider.TENSORRT) {
                throw new IllegalArgumentException("cuda:" + index + ": expected cuda or tensorrt, got " + provider);
            }
        }

        @Override
        public String toString() {
            return "provider " + provider + " on cuda:" + index;
        }
    }
}
