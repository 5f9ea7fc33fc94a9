package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists what every command listens on: nothing that another machine can reach, unless the operator says so. */
class ListenersIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    /** The broker, its controller, the web UI and the blob server. */
    private static final int LISTENERS_OF_A_STACK = 4;

    @TempDir
    private Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void stop() {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }

    @Test
    void everyCommandListensOnLoopbackOnly() throws Exception {
        try (UpProcess up = UpProcess.start()) {
            Process job = start(
                    "job",
                    "--bootstrap-servers",
                    up.bootstrapServers(),
                    "--group-id",
                    "listeners",
                    "--state-folder",
                    folder.resolve("state").toString());
            Process watch = start("watch", "--bootstrap-servers", up.bootstrapServers(), "--out", folder.toString());
            Process demo = start("demo", "--out", folder.resolve("demo").toString());
            TreeSet<String> all = new TreeSet<>();
            await().atMost(TIMEOUT).until(() -> {
                all.addAll(Listeners.of(demo.toHandle()));
                return output("job").contains("submitted") && output("watch").contains("watching") && !demo.isAlive();
            });

            all.addAll(Listeners.of(up.process()));
            all.addAll(Listeners.of(job.toHandle()));
            assertThat(all).hasSizeGreaterThanOrEqualTo(2 * LISTENERS_OF_A_STACK);
            assertThat(Listeners.outside(List.copyOf(all))).isEmpty();
            assertThat(Listeners.of(watch.toHandle())).isEmpty();
        }
    }

    private Process start(String... arguments) throws IOException {
        Process process = new ProcessBuilder(Launch.zoetrope(arguments))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(arguments[0] + ".out").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private String output(String command) throws IOException {
        return Files.readString(folder.resolve(command + ".out"));
    }
}
