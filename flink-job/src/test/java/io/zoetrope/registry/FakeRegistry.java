package io.zoetrope.registry;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** A schema registry in this process, with the part of Confluent's API that the job uses. */
public final class FakeRegistry implements TestRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> schemas = new ArrayList<>();
    private final Map<String, List<Integer>> subjects = new ConcurrentHashMap<>();
    private final AtomicReference<Answer> fault = new AtomicReference<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    /** The requests so far, as method, path and the header with the credentials. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    /** A response. */
    record Answer(int status, String body) {}

    /** Starts a registry at a free port. */
    public FakeRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    @Override
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public synchronized int add(String subject, String schema) {
        int id = schemas.indexOf(schema) + 1;
        if (id == 0) {
            schemas.add(schema);
            id = schemas.size();
        }
        subjects.computeIfAbsent(subject, name -> new ArrayList<>()).add(id);
        return id;
    }

    @Override
    public int id(String subject) {
        return subjects.getOrDefault(subject, List.of()).get(0);
    }

    /** Answers every further request like this. */
    void answerAll(int status, String body) {
        fault.set(new Answer(status, body));
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(exchange.getRequestMethod() + " " + path + " "
                + exchange.getRequestHeaders().getFirst("Authorization"));
        Answer planted = fault.get();
        Answer answer = planted != null ? planted : answer(path, body);
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/vnd.schemaregistry.v1+json");
        exchange.sendResponseHeaders(answer.status(), bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private synchronized Answer answer(String path, String body) throws IOException {
        String[] parts = path.split("/", -1);
        if (path.startsWith("/schemas/ids/")) {
            int id = Integer.parseInt(parts[3]);
            return id > 0 && id <= schemas.size()
                    ? new Answer(200, json(Map.of("schema", schemas.get(id - 1))))
                    : new Answer(404, json(error(40403, "Schema not found")));
        }
        String schema = JSON.readTree(body).path("schema").asText();
        if (path.endsWith("/versions")) {
            return new Answer(200, json(Map.of("id", add(parts[2], schema))));
        }
        int id = schemas.indexOf(schema) + 1;
        return id > 0 && subjects.getOrDefault(parts[2], List.of()).contains(id)
                ? new Answer(200, json(Map.of("id", id, "subject", parts[2], "version", 1, "schema", schema)))
                : new Answer(404, json(error(40401, "Subject not found")));
    }

    private static Map<String, Object> error(int code, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("error_code", code);
        error.put("message", message);
        return error;
    }

    private static String json(Object value) throws IOException {
        return JSON.writeValueAsString(value);
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            server.stop(0);
            threads.shutdownNow();
        }
    }
}
