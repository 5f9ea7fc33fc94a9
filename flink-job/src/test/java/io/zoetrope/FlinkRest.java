package io.zoetrope;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Reads the state of a job from Flink's REST API. */
record FlinkRest(String jobUrl) {
    /** Returns the number of completed checkpoints. */
    int completedCheckpoints() throws IOException {
        return get(jobUrl + "/checkpoints").at("/counts/completed").asInt();
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
