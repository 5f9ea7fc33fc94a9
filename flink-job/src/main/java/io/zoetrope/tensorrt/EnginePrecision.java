package io.zoetrope.tensorrt;

import io.zoetrope.device.GpuSettings;

/** The precision of an engine's arithmetic. */
enum EnginePrecision {
    /** Each operator has the types of the ONNX graph. */
    AS_EXPORTED,
    FLOAT32,
    /** Matrix products and convolutions of float32 tensors in TF32. */
    TF32,
    /** Float16 where TensorRT expects a gain, TF32 elsewhere. */
    FLOAT16,
    /** Bfloat16 where TensorRT expects a gain, TF32 elsewhere. */
    BFLOAT16;

    /**
     * Returns the precision for a graph.
     *
     * @param exported the precision of the graph according to the manifest
     * @param chosen the operator's choice for graphs in float32
     */
    static EnginePrecision of(String exported, GpuSettings.Precision chosen) {
        if (!exported.equals("float32")) {
            return AS_EXPORTED;
        }
        return switch (chosen) {
            case FLOAT32 -> FLOAT32;
            case TF32 -> TF32;
            case FLOAT16 -> FLOAT16;
            case BFLOAT16 -> BFLOAT16;
        };
    }
}
