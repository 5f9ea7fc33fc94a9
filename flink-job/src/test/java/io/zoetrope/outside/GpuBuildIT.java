package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the build for GPUs on a machine without a GPU. {@code ./zoetrope test --all} makes it: {@code ./mvnw -Pgpu -pl
 * flink-job -am package}.
 */
@Tag("slow")
class GpuBuildIT {
    private static final int COMMAND_FAILED = 2;

    @BeforeAll
    static void requireTheBuild() {
        MissingTool.required(environment -> {
            if (Files.notExists(Launch.GPU_LIBRARIES)) {
                throw MissingTool.in(
                        environment,
                        Launch.GPU_LIBRARIES + " is missing: ./mvnw -Pgpu -DskipTests"
                                + " -pl flink-job -am package makes it, and downloads 742 MB");
            }
            return Launch.GPU_LIBRARIES;
        });
    }

    @Test
    void onTheCpuItMakesTheSameVideosAsTheBuildForCpus(@TempDir Path folder) throws Exception {
        Command.run(Repository.ROOT, Launch.zoetrope(demo(folder.resolve("cpu"))))
                .succeeded();
        Command.run(Repository.ROOT, Launch.zoetropeForGpus(demo(folder.resolve("gpu"))))
                .succeeded();

        Map<String, String> clips = clips(folder.resolve("cpu"));
        assertThat(clips).hasSize(2);
        assertThat(clips(folder.resolve("gpu"))).isEqualTo(clips);
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "up", "job"})
    void aGpuThatIsNotThereIsOneErrorBeforeAnythingStarts(String command) {
        for (String provider : List.of("cuda", "tensorrt")) {
            List<String> arguments = new ArrayList<>(List.of(command, "--devices", "cuda:0", "--provider", provider));
            if (command.equals("job")) {
                arguments.addAll(List.of("--bootstrap-servers", "127.0.0.1:1"));
            }
            Command run = Command.run(Repository.ROOT, Launch.zoetropeForGpus(arguments.toArray(String[]::new)));

            assertThat(run.exit()).as(run.stdout() + run.stderr()).isEqualTo(COMMAND_FAILED);
            assertThat(run.stderr())
                    .containsOnlyOnce("provider " + provider
                            + " on cuda:0: ONNX Runtime cannot use it here, its message" + " is: Error code - ORT_FAIL")
                    .contains("Failed to load library")
                    .contains("not found on this machine: the NVIDIA driver (libcuda.so.1), CUDA 12 (libcudart.so.12,")
                    .contains("cuDNN 9 (libcudnn.so.9)")
                    .contains("docs/gpu.md says how to get what is missing")
                    .doesNotContain("put onnxruntime_gpu", "\tat ");
            assertThat(run.stderr().contains("TensorRT 10 (libnvinfer.so.10")).isEqualTo(provider.equals("tensorrt"));
            assertThat(run.stdout()).doesNotContain("broker", "flink");
        }
    }

    private static String[] demo(Path out) {
        return new String[] {
            "demo", "--provider", "cpu", "--out", out.toString(), "a red circle moving right", "a blue square bouncing"
        };
    }

    /** Returns the SHA-256 of each clip, by its file's name. */
    private static Map<String, String> clips(Path folder) throws IOException {
        Map<String, String> clips = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".mp4")).toList()) {
                clips.put(file.getFileName().toString(), DigestUtils.sha256Hex(Files.readAllBytes(file)));
            }
        }
        return clips;
    }
}
