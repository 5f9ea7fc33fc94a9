package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutCommandIT {
    private static final String OTHER = "tiny@0123456789ab";

    private final StringWriter out = new StringWriter();

    @Test
    void aBundleIsMovedToAndBackAndEveryMoveIsShown(@TempDir Path folder) throws Exception {
        String version =
                "tiny@" + ModelBundle.open(BundleFolder.original()).digest().substring(0, 12);
        try (EmbeddedBroker broker = LocalBroker.start(folder, EmbeddedBroker.ANY_PORT)) {
            String servers = broker.bootstrapServers();
            assertThat(run(servers, "show")).isEqualTo("no moves: the first bundle of each name answers");
            assertThat(run(servers, "back")).startsWith("rollout back: topic zoetrope.rollouts has no move;");

            assertThat(run(servers, "move", BundleFolder.original().toString()))
                    .endsWith("Z on, prompts for tiny are answered by " + version);
            assertThat(run(servers, "move", OTHER)).endsWith("prompts for tiny are answered by " + OTHER);
            assertThat(run(servers, "move", "--default", "tiny"))
                    .endsWith("prompts that name no model are answered by tiny");
            assertThat(run(servers, "back")).endsWith("prompts that name no model are answered by the first bundle");
            assertThat(run(servers, "back", "tiny")).endsWith("prompts for tiny are answered by " + version);
            assertThat(run(servers, "back", "unknown")).contains("has no move of unknown;");
            assertThat(run(servers, "move", "tiny")).startsWith("rollout move: expected the folder of a bundle, or a");
            assertThat(run(servers, "show").lines()).hasSize(5).allMatch(line -> line.startsWith("from 20"));
        }
        assertThat(run("127.0.0.1:1", "show")).contains("127.0.0.1:1");
    }

    private String run(String servers, String subcommand, String... arguments) {
        out.getBuffer().setLength(0);
        String[] all = Stream.of(
                        Stream.of("rollout", subcommand),
                        Arrays.stream(arguments),
                        Stream.of("--bootstrap-servers", servers))
                .flatMap(part -> part)
                .toArray(String[]::new);
        PrintWriter writer = new PrintWriter(out, true);
        int unused = Zoetrope.commandLine().setOut(writer).setErr(writer).execute(all);
        return out.toString().strip();
    }
}
