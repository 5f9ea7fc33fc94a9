package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command demo, without the launcher. */
class DemoIT {
    private static final String BUNDLE = "../onnx-export/bundles/toybox-64";

    @TempDir
    private Path out;

    @Test
    void everyPromptGetsAVideoOrAFailureWithItsReason() throws Exception {
        StringWriter console = new StringWriter();

        int code = Zoetrope.commandLine()
                .setOut(new PrintWriter(console))
                .execute(
                        "demo",
                        "a red circle moving right on a black background",
                        "ring ".repeat(200),
                        "a blue ring orbiting on a gray background",
                        "--seed",
                        "7",
                        "--out",
                        out.toString(),
                        "--bundle",
                        BUNDLE);

        assertThat(code).isEqualTo(Zoetrope.SOME_FAILED);
        assertThat(console.toString())
                .contains("2 of 3 prompts were answered by video. Open " + out.resolve("index.html"))
                .contains("3 of 3")
                .contains("PROMPT_TOO_LONG");
        JsonNode results =
                new ObjectMapper().readTree(out.resolve("results.json").toFile());
        assertThat(results).hasSize(3);
        for (int i : new int[] {0, 2}) {
            byte[] file =
                    Files.readAllBytes(out.resolve(results.get(i).get("file").asText()));
            assertThat(results.get(i).get("sha256").asText()).isEqualTo(DigestUtils.sha256Hex(file));
            assertThat(results.get(i).get("seed").asLong()).isEqualTo(7);
        }
        assertThat(results.get(1).get("failure").get("code").asText()).isEqualTo("PROMPT_TOO_LONG");
        assertThat(Files.readString(out.resolve("index.html"))).contains("2 of 3 prompts", "PROMPT_TOO_LONG");
    }
}
