package io.zoetrope.onnx;

import io.zoetrope.device.GpuSettings.Arena;
import io.zoetrope.device.GpuSettings.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Computes the options of ONNX Runtime's GPU providers, by ONNX Runtime's names. Needs no GPU and no native library. */
final class ProviderOptions {
    private ProviderOptions() {}

    /** Returns the options of the CUDA provider, which with TensorRT runs what TensorRT does not accept. */
    static Map<String, String> cuda(ExecutionProvider.Gpu gpu) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("device_id", Integer.toString(gpu.index()));
        options.put(
                "arena_extend_strategy",
                gpu.settings().arena() == Arena.AS_REQUESTED ? "kSameAsRequested" : "kNextPowerOfTwo");
        if (gpu.settings().sessionBytes() > 0) {
            options.put("gpu_mem_limit", Long.toString(gpu.settings().sessionBytes()));
        }
        // The default, an exhaustive search, chooses algorithms by their measured times, so equal prompts could have
        // other bytes after a restart.
        options.put("cudnn_conv_algo_search", "HEURISTIC");
        options.put("use_tf32", flag(gpu.settings().precision() != Precision.FLOAT32));
        return options;
    }

    /**
     * Returns the options of the TensorRT provider.
     *
     * @param shapes the shapes of the graph's inputs
     * @param cache the folder of the graph's engines; empty if they are not kept
     */
    static Map<String, String> tensorRt(ExecutionProvider.Gpu gpu, ProfileShapes shapes, Optional<String> cache) {
        Precision precision = gpu.settings().precision();
        Map<String, String> options = new LinkedHashMap<>();
        options.put("device_id", Integer.toString(gpu.index()));
        if (gpu.settings().sessionBytes() > 0) {
            options.put("trt_max_workspace_size", Long.toString(gpu.settings().sessionBytes()));
        }
        options.put("trt_fp16_enable", flag(precision == Precision.FLOAT16));
        options.put("trt_bf16_enable", flag(precision == Precision.BFLOAT16));
        // The squares of a norm overflow float16.
        options.put("trt_layer_norm_fp32_fallback", flag(precision == Precision.FLOAT16));
        if (!shapes.isEmpty()) {
            options.put("trt_profile_min_shapes", shapes.smallest());
            options.put("trt_profile_opt_shapes", shapes.optimal());
            options.put("trt_profile_max_shapes", shapes.largest());
        }
        options.put("trt_engine_cache_enable", flag(cache.isPresent()));
        options.put("trt_timing_cache_enable", flag(cache.isPresent()));
        cache.ifPresent(folder -> {
            options.put("trt_engine_cache_path", folder);
            options.put("trt_timing_cache_path", folder);
        });
        // Two engines that are built at once on one GPU would measure each other's load.
        options.put("trt_force_sequential_engine_build", "1");
        return options;
    }

    private static String flag(boolean on) {
        return on ? "1" : "0";
    }
}
