package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.OnnxGenerator;
import io.zoetrope.onnx.SessionSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests, in a process without a temporary folder, that a missing native library is not taken for a broken bundle. */
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

    @Test
    void faultsOfAMachineWithoutATemporaryFolderNameIt(@TempDir Path folder) throws Exception {
        Path missing = Files.createFile(folder.resolve("file")).resolve("tmp");
        Path output = folder.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + missing,
                        "-Duser.home=" + missing,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Opener.class.getName())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(50, TimeUnit.SECONDS))
                .as("the process ended")
                .isTrue();

        assertThat(Files.readString(output, StandardCharsets.UTF_8))
                .contains(
                        NativeLibraryException.class.getName() + ": the tokenizer: its native library cannot be loaded")
                .contains(
                        NativeLibraryException.class.getName() + ": ONNX Runtime: its native library cannot be loaded")
                .contains(missing + ", which is not writable; set -Djava.io.tmpdir")
                .doesNotContain("export it again");
    }
}
