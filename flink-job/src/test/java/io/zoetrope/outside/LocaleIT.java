package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.TopicReader;
import io.zoetrope.kafka.EmbeddedBroker;
import io.zoetrope.wire.PromptCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the launcher keeps the characters of its arguments in every locale. */
class LocaleIT {
    private static final String PROMPT = "ein grüner Kreis, 円, \uD83C\uDFAC";
    /** Settings of the environment, the last of which names a locale that no machine has. */
    private static final List<String> LOCALES = List.of("LC_ALL=C", "LC_ALL=xx_YY.UTF-8");

    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker(@TempDir Path folder) throws Exception {
        broker = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT);
        try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic("prompts", 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void aPromptKeepsItsCharactersInEveryLocale(@TempDir Path home) throws Exception {
        Path launcher = builtCheckout(home);
        for (String locale : LOCALES) {
            // The shell passes the bytes of the script on; the arguments of this process would depend on its own
            // locale.
            Path script = Files.writeString(
                    home.resolve("prompt.sh"),
                    "env -i PATH=\"$PATH\" JAVA_HOME=" + System.getProperty("java.home") + " " + locale + " bash "
                            + launcher + " prompt '" + PROMPT + "' --topic prompts --bootstrap-servers "
                            + broker.bootstrapServers() + "\n");
            Command.run(home, "bash", script.toString()).succeeded();
        }

        assertThat(TopicReader.readAll(broker.bootstrapServers(), "prompts", "read_committed"))
                .hasSize(LOCALES.size())
                .allSatisfy(record ->
                        assertThat(PromptCodec.decode(record.value()).text()).isEqualTo(PROMPT));
    }

    /** Makes a folder that the launcher takes for a checkout that is built, and returns the launcher in it. */
    private static Path builtCheckout(Path home) throws IOException {
        Path target = Files.createDirectories(home.resolve("flink-job/target"));
        for (String part : List.of("flink-job.jar", "lib")) {
            Files.createSymbolicLink(
                    target.resolve(part), Repository.file("flink-job/target").resolve(part));
        }
        Path bundle = Files.createDirectories(home.resolve("onnx-export/bundles/toybox-64"));
        for (Path file : List.of(
                target.resolve("built"), bundle.resolve("text_encoder.onnx"), bundle.resolve("tokenizer.json"))) {
            Files.createFile(file);
        }
        return Files.copy(Repository.file("zoetrope"), home.resolve("zoetrope"));
    }
}
