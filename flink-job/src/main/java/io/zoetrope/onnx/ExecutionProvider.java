package io.zoetrope.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;

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
     */
    record Cuda(int index) implements ExecutionProvider {
        /** Returns whether the ONNX Runtime on the class path is its GPU build. It says nothing about the machine. */
        public static boolean isBuiltIn() {
            OnnxNatives.unpack();
            return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
        }

        /** Throws an {@link IllegalArgumentException} if the index is negative. */
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
