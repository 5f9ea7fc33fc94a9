package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.kafka.SecuredBroker;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plants secrets in a job's settings in every way, and looks for them in everything that the job leaves. */
class SecretsIT {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final String USER = "operator";
    /** The password, which is in a variable of the environment. */
    private static final String IN_ENVIRONMENT = "canary-environment-577215";
    /** A literal in the file of client properties. */
    private static final String IN_FILE = "canary-file-662607";
    /** A literal on the command line. */
    private static final String ON_COMMAND_LINE = "canary-argument-299792";

    private static final Pattern WEB_UI = Pattern.compile("flink +(http://\\S+)");
    private static final Pattern JOB_ID = Pattern.compile("\"id\":\"([0-9a-f]{32})\"");

    @TempDir
    private Path folder;

    private SecuredBroker broker;
    private Process job;

    @BeforeEach
    void start() throws Exception {
        broker = SecuredBroker.start(folder.resolve("broker"));
        try (Admin admin = broker.admin()) {
            broker.addUser(admin, USER, IN_ENVIRONMENT);
            admin.createAcls(Stream.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID)
                            .map(type -> SecuredBroker.allowed(
                                    USER, new ResourcePattern(type, "*", PatternType.LITERAL), AclOperation.ALL))
                            .toList())
                    .all()
                    .get();
        }
        Files.createDirectories(folder.resolve("job/tmp"));
        Files.writeString(
                folder.resolve("client.properties"),
                "plugin.password=" + IN_FILE + "\nsasl.jaas.config=" + SecuredBroker.jaas(USER, "${env:CANARY}")
                        + "\n");
        String logging = Files.readString(Repository.file("flink-job/src/main/resources/zoetrope-log4j2.properties"));
        Files.writeString(
                folder.resolve("log4j2.properties"),
                logging.replace("rootLogger.level = warn", "rootLogger.level = info"));
        await().atMost(TIMEOUT).until(() -> finish(zoetrope("topics", "apply"), "topics") == 0);
        job = zoetrope(
                        "job",
                        "--state-folder",
                        folder.resolve("job/state").toString(),
                        "--checkpoint-interval",
                        "200 ms")
                .redirectOutput(folder.resolve("job/output").toFile())
                .start();
    }

    @AfterEach
    void stop() {
        job.destroyForcibly().onExit().join();
        broker.close();
    }

    @Test
    void secretsAreInNoLogRestAnswerCheckpointOrRecordAndAPlantedLeakIsFound() throws Exception {
        await().atMost(TIMEOUT).until(() -> output().contains("flink "));
        assertThat(finish(zoetrope("prompt", "a red circle"), "prompt")).isZero();
        assertThat(finish(zoetrope("watch", "--from-beginning", "--count", "1", "--out", "clips"), "watch"))
                .isZero();

        Map<String, byte[]> everything = restAnswers();
        job.destroyForcibly().onExit().join();
        everything.putAll(files());

        // What the job does tell, in each of the places: the search would find a secret there.
        assertThat(places(everything, "zoetrope.prompts"))
                .anyMatch(place -> place.startsWith("REST "))
                .anyMatch(place -> place.contains("_metadata"))
                .anyMatch(place -> place.endsWith(".log") && place.contains("/job/"))
                .anyMatch(place -> place.contains("/broker/"));
        for (String secret : List.of(IN_ENVIRONMENT, IN_FILE, ON_COMMAND_LINE)) {
            assertThat(places(everything, secret)).as(secret).isEmpty();
        }

        // Leaks: a sender that puts a password into a prompt, and a file.
        assertThat(finish(zoetrope("prompt", IN_ENVIRONMENT), "leak")).isZero();
        Files.writeString(folder.resolve("job/leak.log"), "password=" + ON_COMMAND_LINE);
        assertThat(places(files(), IN_ENVIRONMENT)).anyMatch(place -> place.contains("/broker/"));
        assertThat(places(files(), ON_COMMAND_LINE))
                .containsExactly(folder.resolve("job/leak.log").toString());
    }

    /** Returns every file of the job and the broker, by its path. The broker's files hold all records. */
    private Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("client.properties")
                        && !file.getFileName().toString().contains(".so")) {
                    contents.put(file.toString(), Files.readAllBytes(file));
                }
            }
        }
        return contents;
    }

    /** Returns the answers of the job's REST API, by their paths. */
    private Map<String, byte[]> restAnswers() throws IOException {
        Map<String, byte[]> answers = new LinkedHashMap<>();
        Matcher webUi = WEB_UI.matcher(output());
        assertThat(webUi.find()).isTrue();
        String rest = webUi.group(1);
        Matcher id = JOB_ID.matcher(get(rest + "/jobs"));
        assertThat(id.find()).isTrue();
        for (String path : paths(rest, "/jobs/" + id.group(1))) {
            answers.put("REST " + path, get(rest + path).getBytes(StandardCharsets.UTF_8));
        }
        return answers;
    }

    private static List<String> paths(String rest, String job) throws IOException {
        List<String> paths = new ArrayList<>(
                List.of("/config", "/overview", "/jobs", "/jobs/overview", "/taskmanagers", "/datasets"));
        for (String part : List.of("config", "environment", "metrics", "logs", "thread-dump")) {
            paths.add("/jobmanager/" + part);
        }
        paths.add(job);
        for (String part : List.of(
                "config",
                "plan",
                "exceptions",
                "accumulators",
                "checkpoints",
                "checkpoints/config",
                "jobmanager/config",
                "jobmanager/environment",
                "metrics",
                "status",
                "execution-result")) {
            paths.add(job + "/" + part);
        }
        for (JsonNode vertex : new ObjectMapper().readTree(get(rest + job)).path("vertices")) {
            String path = job + "/vertices/" + vertex.path("id").asText();
            paths.addAll(List.of(path, path + "/subtasks/0", path + "/accumulators", path + "/metrics"));
        }
        return paths;
    }

    private static List<String> places(Map<String, byte[]> everything, String text) {
        return everything.entrySet().stream()
                .filter(entry -> new String(entry.getValue(), StandardCharsets.ISO_8859_1).contains(text))
                .map(Map.Entry::getKey)
                .toList();
    }

    private ProcessBuilder zoetrope(String... arguments) {
        List<String> line = new ArrayList<>(List.of(arguments));
        line.addAll(List.of(
                "--bootstrap-servers",
                broker.bootstrapServers(),
                "--client-properties",
                folder.resolve("client.properties").toString(),
                "--kafka.plugin.api.key",
                ON_COMMAND_LINE));
        broker.client(USER, "").forEach((key, value) -> {
            if (!key.equals("sasl.jaas.config")) {
                line.addAll(List.of("--kafka." + key, value));
            }
        });
        String[] launch = Launch.zoetrope(line.toArray(String[]::new));
        // The clients log their settings, at the level info, when they are created.
        for (int i = 0; i < launch.length; i++) {
            if (launch[i].startsWith("-Dlog4j2.configurationFile=")) {
                launch[i] = "-Dlog4j2.configurationFile=" + folder.resolve("log4j2.properties");
            }
        }
        ProcessBuilder builder = new ProcessBuilder(launch).redirectErrorStream(true);
        builder.directory(folder.resolve("job").toFile());
        builder.environment().put("CANARY", IN_ENVIRONMENT);
        builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("job/tmp"));
        return builder;
    }

    private int finish(ProcessBuilder builder, String name) throws IOException, InterruptedException {
        return builder.redirectOutput(folder.resolve("job/" + name + ".output").toFile())
                .start()
                .waitFor();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("job/output"));
    }

    private static String get(String url) throws IOException {
        URLConnection connection = URI.create(url).toURL().openConnection();
        try (InputStream body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // not every path exists in every version of Flink
        }
    }
}
