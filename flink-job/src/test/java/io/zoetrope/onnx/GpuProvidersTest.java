package io.zoetrope.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;
import io.zoetrope.natives.LinkerPath;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the error for a GPU that a process cannot use: what was asked, what the runtime says, what is missing. */
class GpuProvidersTest {
    private static final ExecutionProvider.Gpu CUDA =
            new ExecutionProvider.Gpu(2, Provider.CUDA, GpuSettings.DEFAULT, 4);

    @Test
    void theErrorNamesTheLibrariesThatAreMissing() {
        Set<String> there = Set.of("libcuda.so.1", "libcudart.so.12", "libcublas.so.12", "libcurand.so.10");
        List<String> missing = GpuLibrary.missing(Provider.CUDA, there::contains);

        assertThat(GpuProviders.unusable(CUDA, "Failed to load library", true, missing))
                .isEqualTo("provider cuda on cuda:2: ONNX Runtime cannot use it here: Failed to load"
                        + " library; not found on this machine: CUDA 12 (libcublasLt.so.12), cuDNN 9 (libcudnn.so.9);"
                        + " docs/gpu.md says how to get what is missing; or choose --provider cpu");
    }

    @Test
    void onlyTheTensorRtProviderNeedsTensorRt() {
        assertThat(GpuLibrary.missing(Provider.CUDA, library -> false))
                .extracting(text -> text.replaceAll(" \\(.*", ""))
                .containsExactly("the NVIDIA driver", "CUDA 12", "cuDNN 9");
        assertThat(GpuLibrary.missing(Provider.TENSORRT, library -> false))
                .contains("TensorRT 10 (libnvinfer.so.10, libnvonnxparser.so.10)");
        assertThat(GpuLibrary.missing(Provider.TENSORRT, library -> true)).isEmpty();
    }

    @Test
    void aMachineWithoutCudnnIsRefusedThoughASessionOpens() {
        assertThat(GpuProviders.cudnnFault(CUDA, library -> !library.contains("cudnn")))
                .get()
                .asString()
                .contains("convolutions need cuDNN; not found on this machine: cuDNN 9 (libcudnn.so.9); docs/gpu.md");
        assertThat(GpuProviders.cudnnFault(CUDA, library -> true)).isEmpty();
    }

    @Test
    void theErrorOfTheBuildForCpusNamesTheArtifact() {
        assertThat(GpuProviders.unusable(CUDA, "none", false, List.of()))
                .contains("put onnxruntime_gpu in the place of onnxruntime (ZOETROPE_GPU=1 ./zoetrope does)");
    }

    @Test
    void aDriverThatDoesNotListTheGpuIsNamedIfAllLibrariesAreThere() {
        assertThat(GpuProviders.unusable(CUDA, "CUDA failure 101: invalid device ordinal", true, List.of()))
                .contains("its libraries are there: check with nvidia-smi that the driver runs and lists GPU 2");
    }

    @Test
    void aLibraryIsFoundInTheLinkersFoldersAndInItsCache(@TempDir Path folder) throws Exception {
        Path cache = folder.resolve("ld.so.cache");
        Files.writeString(cache, "\0/usr/cuda/libcudart.so.12\0/x/libcudnn.so.91\0", StandardCharsets.ISO_8859_1);
        Files.createFile(folder.resolve("libnvinfer.so.10"));
        LinkerPath path = new LinkerPath(
                LinkerPath.ofProcess(Map.of("LD_LIBRARY_PATH", "/none:" + folder))
                        .folders(),
                cache);

        assertThat(path.test("libcudart.so.12")).isTrue();
        assertThat(path.test("libnvinfer.so.10")).isTrue();
        assertThat(path.test("libcudnn.so.9")).isFalse();
        assertThat(new LinkerPath(List.of(), folder.resolve("none")).test("libcudart.so.12"))
                .isFalse();
    }

    @Test
    void theErrorOfThisBuildHasTheRuntimesMessage() {
        assertThat(GpuProviders.fault(CUDA))
                .get()
                .asString()
                .startsWith("provider cuda on cuda:2: ONNX Runtime cannot use it here: its message is: Error code -"
                        + " ORT_EP_FAIL - message: Failed to find CUDA shared provider");
    }
}
