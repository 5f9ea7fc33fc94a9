package io.zoetrope.outside;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds the command that starts Zoetrope's command line in a new process, as the launcher does after a build. */
final class Launch {
    private static final String CLASS_PATH =
            Repository.file("flink-job/target/flink-job.jar") + ":" + Repository.file("flink-job/target/lib/*");

    private Launch() {}

    /** Returns the program and the arguments for {@code ./zoetrope arguments}. */
    static String[] zoetrope(String... arguments) {
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
                CLASS_PATH,
                "io.zoetrope.cli.Zoetrope"));
        line.addAll(List.of(arguments));
        return line.toArray(String[]::new);
    }

    /** Returns the path of the {@code java} program that runs this test. */
    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
