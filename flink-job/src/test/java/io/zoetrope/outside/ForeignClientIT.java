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

/** Clients that share no code with the job, against a stack of its own; the README's commands as they are printed. */
class ForeignClientIT {
    private static final String SECTION = "From your own service";
    /** The command blocks of that section, in order. */
    private static final int JAVA = 0;

    private static final int PYTHON = 1;
    private static final int FAILURE = 2;
    private static final String PRINTED_ADDRESS = "localhost:9092";
    private static final List<String> READ = List.of("docs", "flink-job");
    private static final String CLIENT = "docs/clients/zoetrope_client.py";

    @TempDir
    private static Path folder;

    private static UpProcess up;

    private static Path python;

    @BeforeAll
    static void publishAndReadWithKcatAndPython() throws Exception {
        Tool.KCAT.require();
        python = Python.require();
        up = UpProcess.start();
        // What the commands write shall not land in the checkout; what they read of it is here all the same.
        for (String read : READ) {
            Files.createSymbolicLink(folder.resolve(read), Repository.file(read));
        }
        bash(printed(PYTHON)).succeeded();
    }

    @AfterAll
    static void stop() throws Exception {
        if (up != null) { // where a tool is missing, nothing was started
            up.close();
        }
        // JUnit would delete them, but warn of each.
        for (String read : READ) {
            Files.deleteIfExists(folder.resolve(read));
        }
    }

    @Test
    void kcatAndPythonTurnAPromptIntoAVideo() {
        assertThat(Clip.of(folder.resolve("order-17.mp4")).frames()).hasSize(17);
    }

    @Test
    void theReadmesJavaClientReadsTheSameBytes() throws Exception {
        bash(printed(JAVA).replace("order-17.mp4", "java.mp4")).succeeded();

        assertThat(folder.resolve("java.mp4")).hasSameBinaryContentAs(folder.resolve("order-17.mp4"));
    }

    @Test
    void theReadmesCommandsTellWhyAPromptFailed() throws Exception {
        bash("""
                python docs/clients/zoetrope_client.py encode order-18 " " > blank.bin
                kcat -P -b localhost:9092 -t zoetrope.prompts -k order-18 blank.bin
                """).succeeded();

        Command explain = bash(printed(FAILURE)).succeeded();

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
    void aRecordOfAnotherKindIsRefused() {
        Command decode = decode(folder.resolve("prompt.bin"));

        assertThat(decode.exit()).isNotZero();
        assertThat(decode.stderr()).contains("a video_segment of this version with c301");
    }

    private static String printed(int block) throws IOException {
        return Readme.blocks(SECTION, "").get(block);
    }

    private static Command decode(Path record) {
        return Command.run(folder, python.toString(), CLIENT, "decode", record.toString(), "any.mp4");
    }

    private static Command bash(String commands) {
        String script = "python() { '" + python + "' \"$@\"; }\njava() { '" + Launch.java() + "' \"$@\"; }\n"
                + commands.replace(PRINTED_ADDRESS, up.bootstrapServers());
        return Command.run(folder, "bash", "-euo", "pipefail", "-c", script);
    }
}
