package io.zoetrope.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.client.KafkaSettings;
import io.zoetrope.kafka.EmbeddedBroker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command on a Kafka that refuses clients without a password. */
class BenchIT {
    private static final String LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    private static final String PASSWORD = "bench-password-1618";
    private static final Map<String, String> SETTINGS = Map.of(
            "security.protocol",
            "SASL_PLAINTEXT",
            "sasl.mechanism",
            "PLAIN",
            "sasl.jaas.config",
            LOGIN + " username=\"bench\" password=\"" + PASSWORD + "\";");

    @TempDir
    private static Path folder;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        System.setProperty(
                "zoetrope.home", Path.of("../..").toAbsolutePath().normalize().toString());
        String users = LOGIN + " username=\"broker\" password=\"broker-password\" user_broker=\"broker-password\""
                + " user_bench=\"" + PASSWORD + "\";";
        broker = EmbeddedBroker.start(
                folder.resolve("kafka"),
                EmbeddedBroker.ANY_PORT,
                Map.of(
                        "listener.security.protocol.map", "BROKER:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "sasl.enabled.mechanisms", "PLAIN",
                        "sasl.mechanism.inter.broker.protocol", "PLAIN",
                        "listener.name.broker.plain.sasl.jaas.config", users),
                List.of());
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aTryWithoutCredentialsIsOneSentence() {
        String printed = errorsOf(() -> assertThat(Bench.run("--bootstrap-servers", broker.bootstrapServers()))
                .isEqualTo(2));

        assertThat(printed)
                .contains("expects credentials, and security.protocol is PLAINTEXT")
                .doesNotContain("\tat ");
    }

    /** The memory of slots is measured in other processes, which get the settings, too. */
    @Tag("slow")
    @Test
    void everyMeasurementUsesTheKafkaThatTheOptionsName() throws Exception {
        Path file = folder.resolve("client.properties");
        Files.write(
                file,
                SETTINGS.entrySet().stream()
                        .filter(setting -> !setting.getKey().equals("sasl.mechanism"))
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .toList());
        Path json = folder.resolve("figures.json");

        String printed = errorsOf(() -> assertThat(Bench.run(
                        "--quick",
                        "--only",
                        "exactly_once_over_at_least_once,rss_growth_8_slots",
                        "--json",
                        json.toString(),
                        "--bootstrap-servers",
                        broker.bootstrapServers(),
                        "--client-properties",
                        file.toString(),
                        "--kafka.sasl.mechanism",
                        "PLAIN"))
                .isZero());

        assertThat(json).content().contains("exactly_once_over_at_least_once", "rss_growth_8_slots");
        assertThat(printed).doesNotContain(PASSWORD);
        KafkaSettings settings = KafkaSettings.of(broker.bootstrapServers(), Optional.empty(), SETTINGS);
        try (Admin admin = settings.openAdmin()) {
            assertThat(admin.listTopics().names().get()).isEmpty();
            assertThat(admin.listTransactions().all().get())
                    .as("the transactions of the jobs of both measurements")
                    .hasSizeGreaterThan(3);
        }
    }

    private static String errorsOf(Runnable command) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
        try {
            command.run();
        } finally {
            System.setErr(before);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
