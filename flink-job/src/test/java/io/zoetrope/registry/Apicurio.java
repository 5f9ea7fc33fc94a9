package io.zoetrope.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Apicurio Registry in a process, with its storage in memory and the API that is compatible with Confluent's. The first
 * start downloads 142 MB from Maven Central.
 */
public final class Apicurio implements TestRegistry {
    private static final String VERSION = "2.6.13.Final";
    private static final String ARTIFACT = "io.apicurio:apicurio-registry-app:" + VERSION + ":tar.gz:all";
    private static final Pattern ADDRESS = Pattern.compile("Listening on: (http://\\S+)");
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final String url;
    private final HttpClient http = HttpClient.newHttpClient();

    private Apicurio(Process process, String url) {
        this.process = process;
        this.url = url;
    }

    /** Unpacks the registry into a folder, starts it at a free port, and returns when it listens. */
    public static Apicurio start(Path folder) throws Exception {
        run(
                ROOT,
                ROOT.resolve("mvnw").toString(),
                "-B",
                "-ntp",
                "-q",
                "-N",
                "dependency:copy",
                "-Dartifact=" + ARTIFACT,
                "-DoutputDirectory=" + folder);
        run(folder, "tar", "xzf", "apicurio-registry-app-" + VERSION + "-all.tar.gz");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-Dquarkus.http.host=127.0.0.1",
                        "-Dquarkus.http.port=0",
                        "-jar",
                        "apicurio-registry-app-" + VERSION + "-runner.jar")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        return new Apicurio(process, address(process) + "/apis/ccompat/v7");
    }

    private static void run(Path folder, String... line) throws Exception {
        Process process = new ProcessBuilder(line)
                .directory(folder.toFile())
                .redirectOutput(Redirect.INHERIT)
                .redirectError(Redirect.INHERIT)
                .start();
        if (process.waitFor() != 0) {
            throw new AssertionError(String.join(" ", line) + ": exit status " + process.exitValue());
        }
    }

    /** Returns the address that the process prints when it listens, and reads the rest of its output in a thread. */
    private static String address(Process process) throws IOException {
        StringBuilder output = new StringBuilder();
        BufferedReader lines = process.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher address = ADDRESS.matcher(line);
            if (address.find()) {
                Thread rest = new Thread(() -> lines.lines().forEach(unread -> {}), "apicurio-output");
                rest.setDaemon(true);
                rest.start();
                return address.group(1);
            }
            output.append(line).append('\n');
        }
        throw new AssertionError("Apicurio ended; its output is:\n" + output);
    }

    @Override
    public String url() {
        return url;
    }

    @Override
    public int add(String subject, String schema) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url + "/subjects/" + subject + "/versions"))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(Map.of("schema", schema)))));
    }

    @Override
    public int id(String subject) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(url + "/subjects/" + subject + "/versions/latest")));
    }

    private int send(HttpRequest.Builder request) throws Exception {
        JsonNode answer = JSON.readTree(
                http.send(request.build(), BodyHandlers.ofString()).body());
        if (!answer.has("id")) {
            throw new AssertionError("Apicurio answered " + answer);
        }
        return answer.get("id").asInt();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
