package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.encode.Codec;
import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.SessionSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests, in processes of their own, that a missing native library is not taken for a broken bundle, and that a thread
 * that is interrupted while it loads one does not make it unusable.
 */
@Timeout(60)
class NativeLibraryTest {
    /** Opens the tokenizer and a graph, and prints the faults. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] arguments) {
            ModelBundle bundle = ModelBundle.open(BundleFolder.original());
            List<Runnable> openings = List.of(
                    () -> DjlTokenizer.open(bundle).close(),
                    () -> OnnxGenerator.open(
                                    bundle,
                                    "generator",
                                    new SessionSpec(new ExecutionProvider.Cpu(), 1, new BufferPool(0)))
                            .close());
            for (Runnable opening : openings) {
                try {
                    opening.run();
                } catch (RuntimeException e) {
                    System.out.println(e);
                }
            }
        }
    }

    /** Opens an encoder on a thread that is interrupted, as a task's thread is when the task is cancelled. */
    static final class InterruptedOpener {
        private InterruptedOpener() {}

        public static void main(String[] arguments) {
            Thread.currentThread().interrupt();
            var unused = new FfmpegVideoEncoder(Codec.VP9, 1);
            System.out.println("opened, interrupted: " + Thread.interrupted());
        }
    }

    @Test
    void anInterruptWhileFfmpegIsLoadedDoesNotFailTheLoading(@TempDir Path folder) throws Exception {
        assertThat(run(folder, InterruptedOpener.class, "-Duser.home=" + folder))
                .contains("opened, interrupted: true");
    }

    @Test
    void faultsOfAMachineWithoutATemporaryFolderNameIt(@TempDir Path folder) throws Exception {
        Path missing = Files.createFile(folder.resolve("file")).resolve("tmp");

        assertThat(run(folder, Opener.class, "-Djava.io.tmpdir=" + missing, "-Duser.home=" + missing))
                .contains(
                        NativeLibraryException.class.getName() + ": the tokenizer: its native library cannot be loaded")
                .contains(
                        NativeLibraryException.class.getName() + ": ONNX Runtime: its native library cannot be loaded")
                .contains(missing + ", which is not writable; set -Djava.io.tmpdir")
                .doesNotContain("export it again");
    }

    /** Runs a main class in a process of its own, and returns what it prints. */
    private static String run(Path folder, Class<?> main, String... options) throws Exception {
        Path output = folder.resolve("output");
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of(options));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(50, TimeUnit.SECONDS))
                .as("the process ended")
                .isTrue();

        return Files.readString(output, StandardCharsets.UTF_8);
    }
}
