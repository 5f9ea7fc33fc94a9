package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.device.Provider;
import io.zoetrope.djl.DjlTokenizer;
import io.zoetrope.encode.Codec;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import io.zoetrope.onnx.ExecutionProvider;
import io.zoetrope.onnx.GpuProviders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs without a home, as in many containers, where another user has prepared the folders that libraries fall back to. */
class NativesIT {
    private static final String USER = "somebody";

    @TempDir
    private Path folder;

    @Test
    void nativesAreNotLoadedFromAPreparedFolderInTheSharedTemp() throws Exception {
        List<Path> prepared = Stream.of(".javacpp-" + USER + "/cache", ".djl.ai")
                .map(folder::resolve)
                .toList();
        for (Path path : prepared) {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
        }

        List<String> natives = loaded(Probe.class);

        assertThat(natives)
                .anyMatch(file -> file.contains("tokenizers"))
                .anyMatch(file -> file.contains("avcodec"))
                .anyMatch(file -> file.contains("onnxruntime"))
                .allMatch(file -> file.startsWith(folder + "/zoetrope-native-"));
        for (Path path : prepared) {
            assertThat(path).isEmptyDirectory();
        }
        assertThat(folder)
                .as("the random folder, after the end of the process")
                .isDirectoryNotContaining("glob:**/zoetrope-native-*")
                .isDirectoryNotContaining("glob:**/onnxruntime-java*");
    }

    /** The planted fault: the libraries, left alone, use the prepared folders. */
    @Test
    void leftAloneTheLibrariesLoadFromThePreparedFolder() throws Exception {
        assertThat(loaded(Unguarded.class)).anyMatch(file -> file.startsWith(folder + "/.javacpp-" + USER + "/"));
    }

    private List<String> loaded(Class<?> program) throws IOException {
        // A file, because root can create any folder that is missing.
        Path home = Files.writeString(folder.resolve("home"), "no folder");
        Command command = Command.run(
                Repository.file("flink-job"),
                "env",
                "-u",
                "XDG_CACHE_HOME",
                Launch.java(),
                "-Duser.home=" + home,
                "-Duser.name=" + USER,
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                program.getName());
        return command.succeeded()
                .stdout()
                .lines()
                .filter(line -> line.startsWith(folder.toString()))
                .toList();
    }

    private static void printLoaded() throws Exception {
        try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
            maps.filter(line -> line.contains(".so") && line.contains("/"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .distinct()
                    .forEach(System.out::println);
        }
    }

    /** Loads the tokenizer and the video encoder as the job does. */
    static final class Probe {
        private Probe() {}

        public static void main(String[] arguments) throws Exception {
            try (DjlTokenizer tokenizer =
                    DjlTokenizer.open(ModelBundle.open(Path.of("src/test/resources/tiny-bundle")))) {
                var unused = new FfmpegVideoEncoder(Codec.VP9, 1);
                org.bytedeco.javacpp.Loader.load(org.bytedeco.ffmpeg.global.avcodec.class);
                var unusedToo = GpuProviders.fault(new ExecutionProvider.Gpu(0, Provider.CUDA, GpuSettings.DEFAULT, 1));
                printLoaded();
            }
        }
    }

    /** Loads the video encoder's library without the job's preparation. */
    static final class Unguarded {
        private Unguarded() {}

        public static void main(String[] arguments) throws Exception {
            org.bytedeco.javacpp.Loader.load(org.bytedeco.ffmpeg.global.avcodec.class);
            printLoaded();
        }
    }
}
