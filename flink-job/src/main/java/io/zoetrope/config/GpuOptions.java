package io.zoetrope.config;

import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.ProviderChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The options of execution providers and GPUs, in the order in which the help texts and the documentation list them. */
public final class GpuOptions {
    private static final List<Option<?>> ALL = new ArrayList<>();

    public static final Option<ProviderChoice> PROVIDER = option(
            "provider",
            ValueType.providers(),
            "auto",
            "What computes each stage: ONNX Runtime with cpu, cuda or tensorrt, or TensorRT alone with tensorrt-engine;"
                    + " or pairs such as generate=tensorrt,decode=cuda. auto means cuda on a GPU. The image encoder has"
                    + " the generator's.");

    public static final Option<Optional<DataSize>> GPU_SESSION_MEMORY = option(
            "gpu-session-memory",
            ValueType.sizeOrNone("64 MiB", "1024 GiB"),
            "none",
            "Largest memory that one session may reserve on a GPU, its weights included; for TensorRT, the largest"
                    + " scratch memory of an engine.");

    public static final Option<GpuSettings.Arena> GPU_ARENA = option(
            "gpu-arena",
            ValueType.oneOf(GpuSettings.Arena.class),
            "as-requested",
            "How a session's memory on a GPU grows; power-of-two allocates less often, and holds up to twice as much.");

    public static final Option<GpuSettings.Precision> GPU_PRECISION = option(
            "gpu-precision",
            ValueType.oneOf(GpuSettings.Precision.class),
            "float32",
            "Precision on a GPU of graphs in float32; float16 and bfloat16 are for TensorRT, and mean tf32 for cuda.");

    public static final Option<Optional<Path>> ENGINE_CACHE = option(
            "engine-cache",
            ValueType.fileOrNone(),
            "none",
            "Folder in which TensorRT keeps the engines that it has built, on every machine; none builds them at each"
                    + " start.");

    private GpuOptions() {}

    /** Returns all of these options, in the order of this class. */
    public static List<Option<?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    /** Returns the settings that the options choose. */
    public static GpuSettings settings(JobConfig config) {
        return new GpuSettings(
                config.get(PROVIDER),
                config.get(GPU_SESSION_MEMORY).map(DataSize::bytes).orElse(0L),
                config.get(GPU_ARENA),
                config.get(GPU_PRECISION),
                config.get(ENGINE_CACHE).map(Path::toString).orElse(""));
    }

    private static <T> Option<T> option(String key, ValueType<T> type, String defaultText, String description) {
        Option<T> option = new Option<>(key, type, defaultText, description);
        ALL.add(option);
        return option;
    }
}
