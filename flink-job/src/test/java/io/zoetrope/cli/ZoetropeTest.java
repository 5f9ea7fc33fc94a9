package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.config.JobOptions;
import io.zoetrope.config.Option;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Tests the output and the exit codes of the command line, for calls that start no server. */
class ZoetropeTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"demo", "up", "prompt", "watch", "topics", "dlq", "job"})
    void theHelpOfEveryCommandHasExamples(String command) {
        assertThat(run(command, "--help")).isEqualTo(Zoetrope.OK);
        assertThat(out.toString()).contains("Usage: zoetrope " + command).contains("  ./zoetrope " + command);
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "up", "job"})
    void helpListsEveryOptionOfTheJob(String command) {
        run(command, "--help");

        for (Option<?> option : JobOptions.all()) {
            if (command.equals("job") || !option.equals(JobOptions.BOOTSTRAP_SERVERS)) {
                assertThat(out.toString()).contains("--" + option.key() + "=VALUE");
            }
        }
    }

    @Test
    void theVersionIsTheOneOfThePom() throws Exception {
        Matcher revision =
                Pattern.compile("<revision>(.*)</revision>").matcher(Files.readString(Path.of("../pom.xml")));
        assertThat(revision.find()).isTrue();

        assertThat(run("--version")).isEqualTo(Zoetrope.OK);

        assertThat(out.toString().strip()).isEqualTo("zoetrope " + revision.group(1));
    }

    @Test
    void allProblemsOfTheOptionsAreReportedTogether() {
        assertThat(run("up", "--enconder", "vp9", "--batch-max", "0")).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString())
                .contains("--enconder: there is no option enconder; did you mean encoder?")
                .contains("--batch-max: expected a whole number from 1 to 1024, found \"0\"");
    }

    @Test
    void anUnknownOptionOfTheDemoIsNotTakenForAPrompt() {
        Path out = folder.resolve("out");

        assertThat(run("demo", "--enconder", "vp9", "--out", out.toString())).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("did you mean encoder?");
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "65536", "http"})
    void aPortOutOfRangeIsAUsageError(String port) {
        for (String option : List.of("--kafka-port", "--ui-port")) {
            assertThat(run("up", option, port)).isEqualTo(Zoetrope.COMMAND_FAILED);
            assertThat(err.toString())
                    .contains("expected a port from 1 to 65535, or 0 for a free one, found \"" + port + "\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--kafka-port", "--ui-port"})
    void aPortThatAnotherProgramUsesIsRefused(String option) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());

            assertThat(run("up", option, port)).isEqualTo(Zoetrope.COMMAND_FAILED);
            assertThat(err.toString()).contains(option + " " + port + ": another program uses this port");
        }
    }

    @Test
    void anUnknownOptionWithoutAValueIsAUsageError() {
        assertThat(run("up", "--bogus")).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("--bogus");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  "})
    void aBlankPromptIsAUsageError(String prompt) {
        for (String command : List.of("demo", "prompt")) {
            assertThat(run(command, prompt)).isEqualTo(Zoetrope.COMMAND_FAILED);
            assertThat(err.toString()).contains("the prompt \"" + prompt + "\" is blank; say what the video shows");
        }
    }

    @Test
    void aGpuIsRefusedIfTheRuntimeHasNoProviderForIt() {
        for (String command : List.of("demo", "up", "job")) {
            assertThat(run(command, "--devices", "cuda:0", "--bootstrap-servers", "127.0.0.1:1"))
                    .isEqualTo(Zoetrope.COMMAND_FAILED);
            assertThat(run(command, "--provider", "cuda", "--bootstrap-servers", "127.0.0.1:1"))
                    .isEqualTo(Zoetrope.COMMAND_FAILED);
        }
        assertThat(run("up", "--decode-devices", "cuda:1", "--provider", "decode=tensorrt"))
                .isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString())
                .contains("provider cuda on cuda:0: ONNX Runtime cannot use it here: its message is: Error code -"
                        + " ORT_EP_FAIL - message: Failed to find CUDA shared provider")
                .contains("provider tensorrt on cuda:1: ONNX Runtime cannot use it here")
                .contains("the ONNX Runtime on the class path is the build for CPUs")
                .contains("docs/gpu.md says how to get what is missing")
                .contains("provider generate=cuda: Flink assigned no GPU to this process");
    }

    @Test
    void anUnreadableBundleIsReportedBeforeAnythingStarts() {
        assertThat(run(
                        "demo",
                        "--out",
                        folder.toString(),
                        "--bundle",
                        folder.resolve("none").toString()))
                .isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("bundle " + folder.resolve("none")).contains("manifest.json");
    }

    @Test
    void theErrorForAPromptsFileWithoutPromptsNamesIt() throws Exception {
        Path file = Files.writeString(folder.resolve("prompts.txt"), "# nothing yet\n\n");

        assertThat(run("demo", "--prompts-file", file.toString())).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains(file + " has no prompt; write one prompt per line");
    }

    @Test
    void oneRequestIdForTwoPromptsIsRefused() {
        assertThat(run("prompt", "a red circle", "a blue ring", "--request-id", "order-17"))
                .isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("--request-id names one request, and 2 prompts are given");
    }

    @Test
    void aCountBelowOneIsRefused() {
        Path out = folder.resolve("out");

        assertThat(run("watch", "--count", "0", "--out", out.toString())).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("--count is 0; give 1 or more, or leave it out");
        assertThat(out).doesNotExist();
    }

    @Test
    void theErrorForAnInvalidKafkaAddressNamesIt() {
        assertThat(run("prompt", "a red circle", "--bootstrap-servers", "nobody"))
                .isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("bootstrap.servers: nobody").contains("HOST:PORT");
    }

    @Test
    void aMissingCommandIsAnErrorAndAMisspelledOneGetsASuggestion() {
        assertThat(run("dmo")).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(err.toString()).contains("demo");
        assertThat(run()).isEqualTo(Zoetrope.COMMAND_FAILED);
    }

    private int run(String... arguments) {
        CommandLine command = Zoetrope.commandLine();
        return command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(arguments);
    }
}
