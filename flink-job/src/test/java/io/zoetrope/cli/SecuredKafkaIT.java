package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.ServedBundles;
import io.zoetrope.VideoJob;
import io.zoetrope.VideoPipeline;
import io.zoetrope.config.ConfigException;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.Setting;
import io.zoetrope.flink.KafkaCheck;
import io.zoetrope.flink.LocalCluster;
import io.zoetrope.kafka.SecuredBroker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs every part on a Kafka with TLS, SCRAM and ACLs, with the permissions that docs/security.md lists. */
class SecuredKafkaIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final Duration TIME_TO_SAY_SO = Duration.ofSeconds(5);

    private static SecuredBroker broker;
    private static Admin admin;

    private final StringWriter output = new StringWriter();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        broker = SecuredBroker.start(folder);
        admin = broker.admin();
        for (AclTable.Row row : AclTable.rows()) {
            broker.addUser(admin, row.user(), password(row.user()));
        }
        admin.createAcls(AclTable.rows().stream()
                        .flatMap(row -> row.bindings().stream())
                        .toList())
                .all()
                .get();
        SecuredKafkaIT test = new SecuredKafkaIT();
        await().atMost(TIMEOUT).until(() -> test.run("topics-apply", "topics", "apply") == Zoetrope.OK);
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @Test
    void everyPartWorksWithThePermissionsOfTheDocumentation(@TempDir Path folder) throws Exception {
        JobConfig config = config();
        try (LocalCluster cluster = LocalCluster.start(1, folder.resolve("flink"), 0)) {
            KafkaCheck.require(config, new Configuration());
            var env = cluster.environment();
            VideoPipeline.assemble(env, config, ServedBundles.of(config, 0));
            LocalCluster.Job job = cluster.run(env, "secured");

            assertThat(run("topics-show", "topics", "show")).isEqualTo(Zoetrope.OK);
            assertThat(run("prompt", "prompt", "a red circle", "a blue ring")).isEqualTo(Zoetrope.OK);
            assertThat(run("watch", "watch", "--from-beginning", "--count", "2", "--out", folder.toString()))
                    .as(() -> output + String.valueOf(failure(cluster, job)))
                    .isEqualTo(Zoetrope.OK);
            assertThat(run("audit", "audit")).isEqualTo(Zoetrope.OK);
            assertThat(run("dlq-list", "dlq", "list")).isEqualTo(Zoetrope.OK);
            assertThat(run("dlq-replay", "dlq", "replay")).isEqualTo(Zoetrope.OK);
            assertThat(output.toString()).contains("2 prompts: 0 without an answer, 0 answered more than once");
        }
    }

    static Stream<AclBinding> permissionsOfTheJob() throws IOException {
        return AclTable.rows().stream().filter(row -> row.user().equals("job")).flatMap(row -> row.bindings().stream());
    }

    @ParameterizedTest
    @MethodSource("permissionsOfTheJob")
    void theStartNamesAPermissionThatIsMissing(AclBinding permission) throws Exception {
        String operation = permission.entry().operation().toString();
        String resource = permission.pattern().name();
        admin.deleteAcls(List.of(permission.toFilter())).all().get();
        try {
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(problems())
                            .contains(resource)
                            .contains("Kafka does not allow this client [" + operation + "]")
                            .contains("docs/security.md"));
        } finally {
            admin.createAcls(List.of(permission)).all().get();
            await().atMost(TIMEOUT).until(() -> problems().isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prompt text", "watch --out target/none", "audit", "topics show", "topics apply", "job"})
    void aTryWithoutCredentialsSaysSoAtOnce(String command) {
        assertThat(refusal(command, Map.of())).contains("expects TLS, and security.protocol is PLAINTEXT");
        assertThat(refusal(command, Map.of("security.protocol", "SASL_PLAINTEXT")))
                .contains("expects TLS");
        assertThat(refusal(command, Map.of("security.protocol", "SSL")))
                .contains("expects credentials, and security.protocol is SSL");
        assertThat(refusal(command, broker.client("prompt", "wrong-password-1618")))
                .contains("refused the log-in (")
                .doesNotContain("1618");
        assertThat(refusal(command, broker.client("prompt", "${env:ZOETROPE_NOT_SET}")))
                .contains("the environment variable ZOETROPE_NOT_SET is not set here");
    }

    private String refusal(String command, Map<String, String> settings) {
        StringWriter printed = new StringWriter();
        long start = System.nanoTime();
        int exit = execute(printed, settings, command.split(" ", -1));
        Duration time = Duration.ofNanos(System.nanoTime() - start);

        assertThat(exit).isEqualTo(Zoetrope.COMMAND_FAILED);
        assertThat(time).as(printed.toString()).isLessThan(TIME_TO_SAY_SO);
        return printed.toString();
    }

    private int run(String user, String... arguments) {
        return execute(output, broker.client(user, password(user)), arguments);
    }

    private static int execute(StringWriter output, Map<String, String> settings, String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of("--bootstrap-servers", broker.bootstrapServers()));
        settings.forEach((key, value) -> line.addAll(List.of("--kafka." + key, value)));
        if (arguments[0].equals("job")) {
            line.addAll(List.of("--bundle", "../onnx-export/bundles/toybox-64", "--state-folder", "target/none"));
        }
        PrintWriter writer = new PrintWriter(output, true);
        return Zoetrope.commandLine().setOut(writer).setErr(writer).execute(line.toArray(String[]::new));
    }

    private static String problems() throws InterruptedException {
        try {
            KafkaCheck.require(config(), new Configuration());
            return "";
        } catch (ConfigException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static JobConfig config() {
        List<String> options = new ArrayList<>(List.of(
                "--bootstrap-servers",
                broker.bootstrapServers(),
                "--transactional-id-prefix",
                AclTable.PREFIX,
                "--checkpoint-interval",
                "200 ms"));
        broker.client("job", password("job")).forEach((key, value) -> options.add("--kafka." + key + "=" + value));
        return VideoJob.config(List.of(new Setting("bundle", "../onnx-export/bundles/toybox-64", "the test")), options);
    }

    private static String failure(LocalCluster cluster, LocalCluster.Job job) {
        try {
            return cluster.failure(job).toString();
        } catch (InterruptedException e) {
            return e.toString();
        }
    }

    private static String password(String user) {
        return user + "-password";
    }
}
