package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.DataType;
import io.zoetrope.bundle.FrameSize;
import io.zoetrope.bundle.GraphFile;
import io.zoetrope.bundle.Manifest;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.bundle.TensorSpec;
import io.zoetrope.bundle.VideoSpec;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.GpuSettings.Arena;
import io.zoetrope.device.GpuSettings.Precision;
import io.zoetrope.device.Provider;
import io.zoetrope.device.ProviderChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests what ONNX Runtime's GPU providers are given, without a GPU and without the providers. */
class ProviderOptionsTest {
    private static final Manifest TINY =
            ModelBundle.open(BundleFolder.original()).manifest();

    @Test
    void cudaHasSafeDefaults() {
        assertThat(ProviderOptions.cuda(gpu(GpuSettings.DEFAULT)))
                .isEqualTo(Map.of(
                        "device_id", "3",
                        "arena_extend_strategy", "kSameAsRequested",
                        "cudnn_conv_algo_search", "HEURISTIC",
                        "use_tf32", "0"));
    }

    @Test
    void cudaHasTheMemoryAndThePrecisionOfTheOptions() {
        assertThat(ProviderOptions.cuda(gpu(settings(5L << 30, Arena.POWER_OF_TWO, Precision.TF32))))
                .containsEntry("gpu_mem_limit", "5368709120")
                .containsEntry("arena_extend_strategy", "kNextPowerOfTwo")
                .containsEntry("use_tf32", "1");
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32, 0, 0, 0", "TF32, 0, 0, 0", "FLOAT16, 1, 0, 1", "BFLOAT16, 0, 1, 0"})
    void tensorRtHasThePrecisionOfTheOptions(Precision precision, String fp16, String bf16, String norms) {
        assertThat(ProviderOptions.tensorRt(
                        gpu(settings(0, Arena.AS_REQUESTED, precision)), shapes(), Optional.empty()))
                .containsEntry("trt_fp16_enable", fp16)
                .containsEntry("trt_bf16_enable", bf16)
                .containsEntry("trt_layer_norm_fp32_fallback", norms)
                .doesNotContainKey("trt_max_workspace_size");
    }

    @Test
    void tensorRtKeepsEnginesAndTimingsIfThereIsAFolder() {
        var settings = settings(1L << 30, Arena.AS_REQUESTED, Precision.FLOAT32);

        assertThat(ProviderOptions.tensorRt(gpu(settings), shapes(), Optional.of("/engines/a")))
                .containsEntry("device_id", "3")
                .containsEntry("trt_max_workspace_size", "1073741824")
                .containsEntry("trt_engine_cache_enable", "1")
                .containsEntry("trt_engine_cache_path", "/engines/a")
                .containsEntry("trt_timing_cache_enable", "1")
                .containsEntry("trt_timing_cache_path", "/engines/a");
        assertThat(ProviderOptions.tensorRt(gpu(settings), shapes(), Optional.empty()))
                .containsEntry("trt_engine_cache_enable", "0")
                .doesNotContainKeys("trt_engine_cache_path", "trt_timing_cache_path");
    }

    @Test
    void aProfileSpansTheBundlesVideosPromptsAndBatches() {
        assertThat(shapes())
                .isEqualTo(new ProfileShapes(
                        "latents:1x2x2x2x2,text_mask:1x8,timestep:1",
                        "latents:6x2x2x2x4,text_mask:6x16,timestep:6",
                        "latents:6x2x3x6x4,text_mask:6x16,timestep:6"));
        assertThat(ProviderOptions.tensorRt(gpu(GpuSettings.DEFAULT), shapes(), Optional.empty()))
                .containsEntry("trt_profile_min_shapes", shapes().smallest())
                .containsEntry("trt_profile_opt_shapes", shapes().optimal())
                .containsEntry("trt_profile_max_shapes", shapes().largest());
    }

    @Test
    void aProfileIsNotLargerThanTheGraphsLargestBatch() {
        assertThat(ProfileShapes.of(TINY.decoder(), TINY, 32).largest()).isEqualTo("latents:4x2x2x2x2");
        assertThat(ProfileShapes.of(TINY.textEncoder(), TINY, 2).largest())
                .isEqualTo("attention_mask:2x16,input_ids:2x16,token_type_ids:2x16");
    }

    @Test
    void anEngineIsFoundOnlyByWhatItWasBuiltFor(@TempDir Path root) throws Exception {
        var gpu = gpu(settings(0, Arena.AS_REQUESTED, Precision.FLOAT16), root.toString());
        Path folder = folder(gpu, "d1", "1.28.0", shapes());
        EngineCache.create(folder);

        assertThat(folder(gpu, "d1", "1.28.0", shapes())).isEqualTo(folder);
        assertThat(EngineCache.isFilled(folder)).isFalse();
        Files.createFile(folder.resolve("x_sm90.engine"));
        assertThat(EngineCache.isFilled(folder)).isTrue();
        assertThat(List.of(
                        folder(gpu, "d2", "1.28.0", shapes()),
                        folder(gpu, "d1", "1.29.0", shapes()),
                        folder(gpu, "d1", "1.28.0", new ProfileShapes("latents:1", "latents:2", "latents:3")),
                        folder(
                                gpu(settings(0, Arena.AS_REQUESTED, Precision.BFLOAT16), root.toString()),
                                "d1",
                                "1.28.0",
                                shapes()),
                        folder(
                                gpu(settings(1 << 30, Arena.AS_REQUESTED, Precision.FLOAT16), root.toString()),
                                "d1",
                                "1.28.0",
                                shapes())))
                .doesNotContain(folder)
                .doesNotHaveDuplicates()
                .allMatch(other -> other.startsWith(root));
        assertThat(EngineCache.folder(gpu(GpuSettings.DEFAULT), TINY.decoder(), "d1", "1.28.0", shapes()))
                .isEmpty();
    }

    private static Path folder(ExecutionProvider.Gpu gpu, String digest, String runtime, ProfileShapes shapes) {
        return EngineCache.folder(gpu, TINY.decoder(), digest, runtime, shapes).orElseThrow();
    }

    /** Returns the shapes of a graph that makes videos of two sizes and two lengths, for batches of at most 6. */
    private static ProfileShapes shapes() {
        GraphFile graph = new GraphFile(
                TINY.decoder().file(),
                List.of(),
                Map.of(
                        "latents", new TensorSpec(DataType.FLOAT32, List.of("B", "2", "T", "H", "W")),
                        "timestep", new TensorSpec(DataType.FLOAT32, List.of("B")),
                        "text_mask", new TensorSpec(DataType.INT64, List.of("B", "L")),
                        "fixed", new TensorSpec(DataType.FLOAT32, List.of("7"))),
                TINY.decoder().outputs(),
                8,
                "float32");
        VideoSpec videos = new VideoSpec(List.of(new FrameSize(32, 16), new FrameSize(16, 48)), List.of(5, 9), 12, 1);
        Manifest manifest = new Manifest(
                TINY.name(),
                TINY.version(),
                TINY.license(),
                TINY.tokenizer(),
                TINY.textEncoder(),
                TINY.imageEncoder(),
                TINY.generators(),
                graph,
                TINY.latents(),
                TINY.samplers(),
                TINY.defaultSteps(),
                videos,
                TINY.provenance());
        return ProfileShapes.of(graph, manifest, 6);
    }

    private static ExecutionProvider.Gpu gpu(GpuSettings settings) {
        return new ExecutionProvider.Gpu(3, Provider.TENSORRT, settings, 6);
    }

    private static ExecutionProvider.Gpu gpu(GpuSettings settings, String cache) {
        return gpu(new GpuSettings(
                settings.providers(), settings.sessionBytes(), settings.arena(), settings.precision(), cache));
    }

    private static GpuSettings settings(long bytes, Arena arena, Precision precision) {
        return new GpuSettings(ProviderChoice.AUTO, bytes, arena, precision, "");
    }
}
