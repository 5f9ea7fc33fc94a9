package io.zoetrope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Reads the state of a job from Flink's REST API. */
record FlinkRest(String jobUrl) {
    /** Returns the number of completed checkpoints. */
    int completedCheckpoints() throws IOException {
        return get(jobUrl + "/checkpoints").at("/counts/completed").asInt();
    }

    /** Takes a savepoint while the job runs. Flink does not notify the job of it, so nothing is committed with it. */
    String savepoint(String folder) throws IOException {
        return await("savepoints", "{\"target-directory\": \"" + folder + "\", \"cancel-job\": false}")
                .at("/operation/location")
                .asText();
    }

    /** Takes a checkpoint, and returns when it is complete. */
    void checkpoint() throws IOException {
        await("checkpoints", "{\"checkpointType\": \"FULL\"}");
    }

    /** Returns the number of failures of the job's tasks. Each restarts the job. */
    int failures() throws IOException {
        return get(jobUrl + "/exceptions").at("/exceptionHistory/entries").size();
    }

    /** Returns the exception of the newest failure of the job; empty text if there was none. */
    String newestFailure() throws IOException {
        return get(jobUrl + "/exceptions")
                .at("/exceptionHistory/entries/0/stacktrace")
                .asText();
    }

    /** Starts an operation of the job and waits until it has completed. */
    private JsonNode await(String operation, String body) throws IOException {
        JsonNode started = post(jobUrl + "/" + operation, body);
        String url = jobUrl + "/" + operation + "/" + started.get("request-id").asText();
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> get(url), state -> state.at("/status/id").asText().equals("COMPLETED"));
    }

    private static JsonNode post(String url, String body) throws IOException {
        URLConnection connection = URI.create(url).toURL().openConnection();
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
            out.write(body.getBytes(StandardCharsets.UTF_8));
        }
        try (InputStream in = connection.getInputStream()) {
            return new ObjectMapper().readTree(in);
        }
    }

    /** Returns the values of a metric, one per subtask. */
    List<Integer> metrics(String name) throws IOException {
        List<Integer> values = new ArrayList<>();
        for (JsonNode vertex : get(jobUrl).get("vertices")) {
            String url = jobUrl + "/vertices/" + vertex.get("id").asText() + "/metrics";
            for (String id : get(url).findValuesAsText("id")) {
                if (id.endsWith("." + name)) {
                    get(url + "?get=" + id)
                            .forEach(metric -> values.add(metric.get("value").asInt()));
                }
            }
        }
        return values;
    }

    private static JsonNode get(String url) throws IOException {
        try (InputStream body = URI.create(url).toURL().openStream()) {
            return new ObjectMapper().readTree(body);
        }
    }
}
