package io.zoetrope.chaos.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;

/**
 * Flink's REST API, for reading.
 *
 * @param address the address without a path
 */
public record FlinkRest(String address) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TIMEOUT_MILLIS = 2000;

    /**
     * Reads a resource.
     *
     * @throws IOException if the JobManager does not answer within 2 s, or refuses
     */
    public JsonNode get(String path) throws IOException {
        URLConnection connection = URI.create(address + path).toURL().openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try (InputStream body = connection.getInputStream()) {
            return JSON.readTree(body);
        }
    }
}
