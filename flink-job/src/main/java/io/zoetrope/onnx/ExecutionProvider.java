package io.zoetrope.onnx;

/** What of this machine ONNX Runtime computes on. */
public sealed interface ExecutionProvider {
    /** The cores. */
    record Cpu() implements ExecutionProvider {
        @Override
        public String toString() {
            return "cpu";
        }
    }

    /**
     * One GPU. The runtime needs its GPU build, {@code onnxruntime_gpu}, in place of the CPU build that ships.
     *
     * @param index of the GPU among those that CUDA sees, from 0
     */
    record Cuda(int index) implements ExecutionProvider {
        /** Refuses a negative index with an {@link IllegalArgumentException}. */
        public Cuda {
            if (index < 0) {
                throw new IllegalArgumentException("cuda: expected a GPU from 0, got " + index);
            }
        }

        @Override
        public String toString() {
            return "cuda:" + index;
        }
    }
}
