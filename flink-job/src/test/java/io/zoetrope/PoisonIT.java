package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.kafka.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shows that a prompt that ends its process each time fails in the end, and costs no other prompt its answer. */
@Timeout(600)
class PoisonIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** Two deaths with other prompts make a suspect, and three alone make it fail. */
    private static final int DEATHS = 5;

    private final AnswerAudit audit = new AnswerAudit();

    private final List<Process> started = new ArrayList<>();

    @TempDir
    private Path folder;

    @AfterEach
    void killAll() throws InterruptedException {
        for (Process one : started) {
            one.destroyForcibly().waitFor();
        }
    }

    @Test
    void aPromptThatEndsTheProcessFailsAndAllOthersAreAnswered() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("broker"), EmbeddedBroker.ANY_PORT);
                TestTopics topics = new TestTopics(broker.bootstrapServers())) {
            for (int i = 0; i < 21; i++) {
                String id = "request-" + i;
                audit.expect(id);
                topics.publish(id, i == 7 ? PoisonProcess.POISON : StubEngines.SLOW);
            }
            for (int death = 1; death <= DEATHS; death++) {
                Process process = start(topics);
                assertThat(process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                        .as("the process dies for the %d. time", death)
                        .isTrue();
                assertThat(process.exitValue()).as(log()).isEqualTo(PoisonProcess.EXIT);
            }
            start(topics);
            topics.awaitAnswers(21, TIMEOUT);
            audit.expect("later");
            topics.publish("later", "a circle");
            topics.awaitAnswers(22, TIMEOUT);

            assertThat(audit.faults(topics.segments(), topics.failures())).isEmpty();
            assertThat(topics.failures()).singleElement().satisfies(failure -> {
                assertThat(failure.getRequestId()).isEqualTo("request-7");
                assertThat(failure.getCode()).isEqualTo("PROCESS_ENDED");
                assertThat(failure.getRetryable()).isFalse();
                assertThat(failure.getMessage())
                        .startsWith("the process that ran this request ended 5 times without an answer, 3 of them")
                        .contains("send another prompt");
            });
        }
    }

    private Process start(TestTopics topics) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                PoisonProcess.class.getName(),
                folder.toString()));
        command.addAll(topics.options());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
                .start();
        started.add(process);
        return process;
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }
}
