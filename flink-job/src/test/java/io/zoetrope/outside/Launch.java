package io.zoetrope.outside;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds the command that starts Zoetrope's command line in a new process, as the launcher does after a build. */
final class Launch {
    /** The folder of the libraries with the ONNX Runtime for GPUs, which the Maven profile {@code gpu} makes. */
    static final Path GPU_LIBRARIES = Repository.file("flink-job/target/lib-gpu");

    private Launch() {}

    /** Returns the program and the arguments for {@code ./zoetrope arguments}. */
    static String[] zoetrope(String... arguments) {
        return line(Repository.file("flink-job/target/lib"), arguments);
    }

    /** Returns the program and the arguments for {@code ZOETROPE_GPU=1 ./zoetrope arguments}. */
    static String[] zoetropeForGpus(String... arguments) {
        return line(GPU_LIBRARIES, arguments);
    }

    private static String[] line(Path libraries, String... arguments) {
        List<String> line = new ArrayList<>(List.of(
                "env",
                "ORT_DISABLE_TELEMETRY=1",
                "SVT_LOG=1",
                java(),
                "-Dzoetrope.home=" + Repository.ROOT,
                "-Dlog4j2.configurationFile=zoetrope-log4j2.properties",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                Repository.file("flink-job/target/flink-job.jar") + ":" + libraries.resolve("*"),
                "io.zoetrope.cli.Zoetrope"));
        line.addAll(List.of(arguments));
        return line.toArray(String[]::new);
    }

    /** Returns the path of the {@code java} program that runs this test. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
