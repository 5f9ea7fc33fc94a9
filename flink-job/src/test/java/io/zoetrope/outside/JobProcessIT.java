package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stops and starts {@code ./zoetrope job} as an operator does; {@code ./zoetrope audit} looks for lost prompts. */
class JobProcessIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int SECONDS_TO_STOP = 60;

    @TempDir
    private Path folder;

    private EmbeddedBroker broker;
    private @Nullable Process job;

    @BeforeEach
    void startBroker() {
        broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
        zoetrope("topics", "apply").succeeded();
    }

    @AfterEach
    void stop() {
        if (job != null) {
            job.destroyForcibly();
        }
        broker.close();
    }

    @Test
    void noPromptIsLostBySigtermOrSigkillAndASecondJobIsRefused() throws Exception {
        Process first = startJob("first");
        publish(20);
        zoetrope(
                "watch",
                "--from-beginning",
                "--count",
                "1",
                "--out",
                folder.resolve("clips").toString());
        Command second = zoetrope(jobOptions());
        first.destroy();
        assertThat(first.waitFor(SECONDS_TO_STOP, TimeUnit.SECONDS)).isTrue();

        assertThat(second.exit()).isEqualTo(2);
        assertThat(second.stderr()).contains("another job keeps its state in ");
        assertThat(first.exitValue()).isZero();
        assertThat(output("first"))
                .contains("stopped; the next start restores ")
                .contains("savepoint-");

        Process third = startJob("third");
        publish(20);
        await().atMost(TIMEOUT).until(() -> output("third").contains("submitted"));
        third.destroyForcibly().waitFor();
        startJob("fourth");

        await().atMost(TIMEOUT)
                .pollInterval(Duration.ofSeconds(2))
                .until(() -> zoetrope("audit").exit() == 0);
        assertThat(zoetrope("audit").stdout()).contains("40 prompts: 0 without an answer, 0 answered more than once");
    }

    private void publish(int count) {
        List<String> line = new ArrayList<>(List.of("prompt"));
        for (int i = 0; i < count; i++) {
            line.add("a red circle moving right on a black background");
        }
        zoetrope(line.toArray(String[]::new)).succeeded();
    }

    private Command zoetrope(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        if (!line.contains("--bootstrap-servers")) {
            line.addAll(List.of("--bootstrap-servers", broker.bootstrapServers()));
        }
        return Command.run(Repository.ROOT, Launch.zoetrope(line.toArray(String[]::new)));
    }

    private String[] jobOptions() {
        return new String[] {
            "job",
            "--bootstrap-servers",
            broker.bootstrapServers(),
            "--state-folder",
            folder.resolve("state of the job").toString(),
            "--checkpoint-interval",
            "200 ms"
        };
    }

    private Process startJob(String name) throws IOException {
        job = new ProcessBuilder(Launch.zoetrope(jobOptions()))
                .directory(Repository.ROOT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name).toFile())
                .start();
        return job;
    }

    private String output(String name) throws IOException {
        return Files.readString(folder.resolve(name));
    }
}
