package io.zoetrope.device;

import java.io.Serializable;

/**
 * How ONNX Runtime and TensorRT use GPUs.
 *
 * @param providers the execution provider of each stage
 * @param sessionBytes the largest memory arena of a session on a GPU, in bytes; 0 for no limit
 * @param arena how a session's memory arena grows
 * @param precision the precision of arithmetic on float32 tensors
 * @param engineCache the folder in which TensorRT keeps the engines that it has built; empty for none
 */
public record GpuSettings(
        ProviderChoice providers, long sessionBytes, Arena arena, Precision precision, String engineCache)
        implements Serializable {
    /** Providers follow the devices; memory has no limit; arithmetic is exact; engines are not kept. */
    public static final GpuSettings DEFAULT =
            new GpuSettings(ProviderChoice.AUTO, 0, Arena.AS_REQUESTED, Precision.FLOAT32, "");

    /** How a memory arena grows. */
    public enum Arena {
        /** By exactly the memory that a run needs. */
        AS_REQUESTED,
        /** By powers of two: fewer allocations, up to twice the memory. */
        POWER_OF_TWO
    }

    /** The precision of arithmetic on float32 tensors. */
    public enum Precision {
        /** 24 bits, as on a CPU. */
        FLOAT32,
        /** 11 bits in matrix products and convolutions, on tensor cores; sums have 24. */
        TF32,
        /** 11 bits and a small range in TensorRT's engines, where TensorRT expects a gain; TF32 elsewhere. */
        FLOAT16,
        /** 8 bits in TensorRT's engines, where TensorRT expects a gain; TF32 elsewhere. */
        BFLOAT16
    }

    /** Throws an {@link IllegalArgumentException} for a negative number of bytes. */
    public GpuSettings {
        if (sessionBytes < 0) {
            throw new IllegalArgumentException("GPU session: expected 0 or more bytes, got " + sessionBytes);
        }
    }

    @Override
    public String toString() {
        return "provider " + providers + ", gpu-session-memory " + sessionBytes + " B, gpu-arena " + arena
                + ", gpu-precision " + precision + ", engine-cache " + (engineCache.isEmpty() ? "none" : engineCache);
    }
}
