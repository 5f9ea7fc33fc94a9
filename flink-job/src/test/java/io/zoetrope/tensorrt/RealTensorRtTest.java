package io.zoetrope.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipFile;
import org.bytedeco.tensorrt.nvinfer.IHostMemory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loads NVIDIA's own TensorRT, 534 MB, in a process without a GPU: where it gives null or an address of nothing, the
 * binding gives an exception. The profile {@code tensorrt-redist} puts the libraries on the class path.
 */
@Tag("slow")
class RealTensorRtTest {
    private static final List<String> LIBRARIES = List.of(
            "libjnijavacpp.so",
            "libnvinfer.so.10",
            "libnvonnxparser.so.10",
            "libjninvinfer.so",
            "libjninvonnxparser.so");

    /** Calls TensorRT and prints what came back. The arguments are the libraries, in the order of their loading. */
    static final class Caller {
        private Caller() {}

        public static void main(String[] libraries) {
            for (String library : libraries) {
                System.load(library);
            }
            TensorRtLog log = new TensorRtLog();
            BytedecoTensorRt tensorRt = new BytedecoTensorRt(log);
            System.out.println("version " + tensorRt.version());
            print(log, "runtime", tensorRt::createRuntime);
            print(
                    log,
                    "engine",
                    () -> tensorRt.build(
                            new TensorRt.EngineRequest(Path.of("none.onnx"), EnginePrecision.FLOAT32, 0, List.of())));
            try (TensorRt.Plan plan = tensorRt.allocatePlan(3)) {
                plan.write(1, StandardCharsets.US_ASCII.encode("a"));
                System.out.println("plan of " + plan.bytes());
            }
            new NativeDelete<>(new IHostMemory())
                    .delete(new IHostMemory().retainReference().address());
            System.out.println("deleted");
        }

        private static void print(TensorRtLog log, String name, Runnable call) {
            long mark = log.mark();
            try {
                call.run();
                System.out.println(name + " came back");
            } catch (TensorRtFault e) {
                System.out.println(new Faults(log).ofOpening(e, name, 0, mark).getMessage());
            }
        }
    }

    /** Opens the libraries as the job does. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] arguments) {
            System.out.println(TensorRtProcess.fault(0).orElse("usable"));
        }
    }

    @Test
    @Timeout(300)
    void withoutADeviceEachCallIsAnExceptionWithTensorRtsOwnLines(@TempDir Path folder) throws Exception {
        List<String> libraries =
                LIBRARIES.stream().map(name -> unpack(name, folder)).toList();

        String output = run(
                folder,
                List.of("-Dorg.bytedeco.javacpp.loadlibraries=false"),
                Caller.class,
                libraries.toArray(String[]::new));

        assertThat(output)
                .contains("version " + FakeGpu.VERSION)
                .contains(
                        "runtime: provider tensorrt-engine on cuda:0: TensorRT cannot open it, createInferRuntime failed,"
                                + " its log says: ")
                .contains(
                        "engine: provider tensorrt-engine on cuda:0: TensorRT cannot open it, createInferBuilder failed,"
                                + " its log says: ")
                .contains("CUDA initialization failure with error: 35")
                .contains("plan of 3")
                .endsWith("deleted\n");
    }

    @Test
    @Timeout(300)
    void aMachineWithoutCudaIsRefusedInOneSentence(@TempDir Path folder) throws Exception {
        assertThat(run(folder, List.of("-Duser.home=" + folder), Opener.class))
                .matches("(?s).*provider tensorrt-engine(: its libraries cannot be loaded here: .*"
                        + "not found on this machine: the NVIDIA driver \\(libcuda.so.1\\)"
                        + "| on cuda:0: CUDA finds no device).*");
    }

    private static String unpack(String name, Path folder) {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.contains("linux-x86_64")) {
                continue;
            }
            try (ZipFile jar = new ZipFile(entry)) {
                var file = jar.stream()
                        .filter(candidate -> candidate.getName().endsWith("/" + name))
                        .findFirst();
                if (file.isPresent()) {
                    Path target = folder.resolve(name);
                    try (InputStream content = jar.getInputStream(file.get())) {
                        Files.copy(content, target);
                    }
                    return target.toString();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new AssertionError(name + " is on no class path; run the tests with -Ptensorrt-redist");
    }

    /** Runs a main class in a process of its own, and returns what it prints. */
    private static String run(Path folder, List<String> options, Class<?> main, String... arguments) throws Exception {
        Path output = folder.resolve("output");
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(options);
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        line.addAll(List.of(arguments));
        Process process = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor(250, TimeUnit.SECONDS))
                .as("the process ended")
                .isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output, StandardCharsets.UTF_8);
    }
}
