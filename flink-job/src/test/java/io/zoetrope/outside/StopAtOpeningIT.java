package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stops {@code ./zoetrope demo} while it opens ONNX Runtime's sessions. An ONNX Runtime whose environment is freed at
 * that time crashes the JVM.
 */
class StopAtOpeningIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    /** The distance of the moments. All of them together are longer than the sessions take to open. */
    private static final int STEP_MILLIS = 100;

    private static final int INTERRUPTED = 130;

    @TempDir
    private Path folder;

    @Tag("slow")
    @RepeatedTest(24)
    void aSignalWhileSessionsOpenIsNoCrash(RepetitionInfo repetition) throws Exception {
        int moment = repetition.getCurrentRepetition() - 1;
        String signal = moment % 2 == 0 ? "INT" : "TERM";
        Path output = folder.resolve("output");
        Process demo = demo(output);
        try {
            await().atMost(TIMEOUT)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> !demo.isAlive() || hasLoadedOnnxRuntime(demo));
            boolean ended = demo.waitFor((long) moment * STEP_MILLIS, TimeUnit.MILLISECONDS);
            String before = Files.readString(output);
            assertThat(ended).as("ended before the signal:%n%s", before).isFalse();

            Command.run(folder, "kill", "-" + signal, Long.toString(demo.pid())).succeeded();

            assertThat(demo.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            String after = Files.readString(output);
            System.out.printf(
                    "%s %d ms after ONNX Runtime was loaded, after %d lines of output: exit code %d%n",
                    signal, moment * STEP_MILLIS, before.lines().count(), demo.exitValue());
            assertThat(demo.exitValue()).as(after).isEqualTo(INTERRUPTED);
            assertThat(after).doesNotContain("fatal error");
            assertThat(crashes()).isEmpty();
        } finally {
            demo.destroyForcibly();
        }
    }

    private Process demo(Path output) throws IOException {
        ProcessBuilder demo = new ProcessBuilder(Launch.zoetrope(
                        "demo",
                        "a red circle moving right on a black background",
                        "--out",
                        folder.resolve("clips").toString()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        demo.environment()
                .put(
                        "JAVA_TOOL_OPTIONS",
                        "-Djava.io.tmpdir=" + folder + " -XX:-CreateCoredumpOnCrash -XX:ErrorFile="
                                + folder.resolve("hs_err_%p.log"));
        return demo.start();
    }

    private static boolean hasLoadedOnnxRuntime(Process process) throws IOException {
        try (Stream<String> maps = Files.lines(Path.of("/proc/" + process.pid() + "/maps"))) {
            return maps.anyMatch(line -> line.contains("libonnxruntime.so"));
        }
    }

    private List<Path> crashes() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("hs_err"))
                    .toList();
        }
    }
}
