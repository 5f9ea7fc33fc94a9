package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests clients that share no code with the job, with the commands of the README, against a separate local stack. */
class ForeignClientIT {
    private static final String SECTION = "From your own service";
    /** The position of the Java block among the section's command blocks; the next constants follow in order. */
    private static final int JAVA = 0;

    private static final int PYTHON = 1;
    private static final int FAILURE = 2;
    private static final int NODE = 3;
    private static final String README_ADDRESS = "localhost:9092";
    private static final List<String> LINKED_FOLDERS = List.of("docs", "flink-job");
    private static final String CLIENT = "docs/clients/zoetrope_client.py";

    @TempDir
    private static Path folder;

    private static UpProcess stack;

    private static Path python;

    @BeforeAll
    static void publishAndReadWithKcatAndPython() throws Exception {
        Tool.KCAT.require();
        python = Python.require();
        stack = UpProcess.start();
        // The commands run in a temporary folder, so that they write nothing to the checkout. Links give them the files
        // of the checkout that they read.
        for (String linked : LINKED_FOLDERS) {
            Files.createSymbolicLink(folder.resolve(linked), Repository.file(linked));
        }
        bash(readmeBlock(PYTHON)).succeeded();
    }

    @AfterAll
    static void stop() throws Exception {
        if (stack != null) { // null if a tool is missing
            stack.close();
        }
        // JUnit would delete the links, but log a warning for each.
        for (String linked : LINKED_FOLDERS) {
            Files.deleteIfExists(folder.resolve(linked));
        }
    }

    @Test
    void kcatAndPythonTurnAPromptIntoAVideo() {
        assertThat(Clip.of(folder.resolve("order-17.mp4")).frames()).hasSize(17);
    }

    @Test
    void theReadmesJavaClientReadsTheSameBytes() throws Exception {
        bash(readmeBlock(JAVA).replace("order-17.mp4", "java.mp4")).succeeded();

        assertThat(folder.resolve("java.mp4")).hasSameBinaryContentAs(folder.resolve("order-17.mp4"));
    }

    @Test
    void theReadmesNodeClientReadsTheSameBytes() throws Exception {
        Tool.NODE.require();
        bash(readmeBlock(NODE).replace("order-17.mp4", "node.mp4")).succeeded();

        assertThat(folder.resolve("node.mp4")).hasSameBinaryContentAs(folder.resolve("order-17.mp4"));
    }

    @Test
    void nodeTurnsAPromptIntoAVideo() throws Exception {
        Tool.NODE.require();
        bash("""
                node docs/clients/zoetrope-client.mjs encode node-1 "a blue ring moving up" > node-prompt.bin
                kcat -P -b localhost:9092 -t zoetrope.prompts -k node-1 node-prompt.bin
                videos=(kcat -C -q -b localhost:9092 -t zoetrope.videos -X isolation.level=read_committed)
                until found="$("${videos[@]}" -o beginning -e -f '%k %p %o\n' | grep '^node-1 ')"; do sleep 0.2; done
                read -r key partition offset <<<"$found"
                "${videos[@]}" -p "$partition" -o "$offset" -c 1 -f '%s' > node-video.bin
                node docs/clients/zoetrope-client.mjs decode node-video.bin node-1.mp4
                """).succeeded();

        assertThat(Clip.of(folder.resolve("node-1.mp4")).frames()).hasSize(17);
    }

    @Test
    void goTurnsAPromptIntoAVideoAndShowsWhyAPromptFailed() throws Exception {
        String client = GoClient.build(folder).toString();
        String environment = "ZOETROPE_SCHEMAS=" + Repository.file("schemas");
        Command.run(folder, "env", environment, client, stack.bootstrapServers(), "go-1", "a green star", "go.mp4")
                .succeeded();

        assertThat(Clip.of(folder.resolve("go.mp4")).frames()).hasSize(17);
        Command failed =
                Command.run(folder, "env", environment, client, stack.bootstrapServers(), "go-2", " ", "none.mp4");
        assertThat(failed.exit()).isEqualTo(1);
        assertThat(failed.stderr()).contains("INVALID_EVENT: ").contains("1 blank characters");
    }

    @Test
    void theReadmesCommandsShowWhyAPromptFailed() throws Exception {
        bash("""
                python docs/clients/zoetrope_client.py encode order-18 " " > blank.bin
                kcat -P -b localhost:9092 -t zoetrope.prompts -k order-18 blank.bin
                """).succeeded();

        Command explain = bash(readmeBlock(FAILURE)).succeeded();

        assertThat(explain.stdout())
                .contains("\"request_id\": \"order-18\"", "\"code\": \"INVALID_EVENT\"", "1 blank characters");
    }

    @Test
    void aPayloadThatWasChangedIsRefused() throws Exception {
        byte[] record = Files.readAllBytes(folder.resolve("video.bin"));
        record[record.length / 2] ^= 1;
        Path changed = Files.write(folder.resolve("changed.bin"), record);

        Command decode = decode(changed);

        assertThat(decode.exit()).isNotZero();
        assertThat(decode.stderr()).contains("the payload's SHA-256 is");
    }

    @Test
    void aRecordOfAnotherTypeIsRefused() {
        Command decode = decode(folder.resolve("prompt.bin"));

        assertThat(decode.exit()).isNotZero();
        assertThat(decode.stderr()).contains("a video_segment of this version with c301");
    }

    private static String readmeBlock(int block) throws IOException {
        return Readme.blocks(SECTION, "").get(block);
    }

    private static Command decode(Path record) {
        return Command.run(folder, python.toString(), CLIENT, "decode", record.toString(), "any.mp4");
    }

    private static Command bash(String commands) {
        String script = "python() { '" + python + "' \"$@\"; }\njava() { '" + Launch.java() + "' \"$@\"; }\n"
                + commands.replace(README_ADDRESS, stack.bootstrapServers());
        return Command.run(folder, "bash", "-euo", "pipefail", "-c", script);
    }
}
