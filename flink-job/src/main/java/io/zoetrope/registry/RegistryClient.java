package io.zoetrope.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.client.RegistryCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A client of Confluent's REST API for schema registries, version 7, which Apicurio, Karapace and Redpanda implement too.
 * It follows no redirect, and reads bodies of a limited size within a limited time.
 */
final class RegistryClient implements SchemaSource {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_BODY = 1 << 20;
    private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    /** The registry's own error codes of what is not found: a subject, a version, a schema. */
    private static final int NOT_FOUND_CODES = 404_00;

    private static final ObjectMapper JSON = new ObjectMapper();
    /** The threads that handle responses. They never wait for the network. */
    private static final ExecutorService THREADS = Executors.newFixedThreadPool(2, task -> {
        Thread thread = new Thread(task, "schema-registry");
        thread.setDaemon(true);
        return thread;
    });

    private final RegistryAccess access;
    private final Duration timeout;
    private final HttpClient http;
    private final Optional<String> authorization;

    /**
     * Creates a client, which connects with its first request.
     *
     * @throws org.apache.kafka.common.config.ConfigException if the credentials refer to a secret that this process
     *     cannot read
     */
    RegistryClient(RegistryAccess access) {
        this(access, TIMEOUT);
    }

    RegistryClient(RegistryAccess access, Duration timeout) {
        this.access = access;
        this.timeout = timeout;
        this.authorization = RegistryCredentials.resolve(access.settings())
                .map(user -> "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .executor(THREADS)
                .build();
    }

    @Override
    public CompletableFuture<Optional<String>> schema(int id) {
        return send(request("/schemas/ids/" + id).GET()).thenApply(answer -> answer.map(json -> schema(id, json)));
    }

    /** A proxy's page of maintenance must not look like a schema that is refused. */
    private String schema(int id, JsonNode json) {
        if (!json.path("schema").isTextual()) {
            throw fault(
                    "answered the schema id " + id + " without a schema",
                    "check that schema-registry is the address of its API");
        }
        return json.path("schema").textValue();
    }

    /**
     * Returns the id of a schema of a subject, and registers it if the subject does not have it. Blocks.
     *
     * @throws RegistryException if the registry does not answer, or refuses the schema
     */
    int id(String subject, String schema) {
        HttpRequest.BodyPublisher body = body(schema);
        JsonNode answer = answerOf(send(request("/subjects/" + subject).POST(body)))
                .or(() -> answerOf(
                        send(request("/subjects/" + subject + "/versions").POST(body))))
                .orElseThrow(() -> fault("has no subject " + subject, "allow this job to register its schemas"));
        int id = answer.path("id").asInt();
        if (id <= 0) {
            throw fault("answered " + answer + " for the schema of " + subject, "is this the address of its API?");
        }
        return id;
    }

    private static HttpRequest.BodyPublisher body(String schema) {
        try {
            return BodyPublishers.ofString(JSON.writeValueAsString(Map.of("schema", schema)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a text is always JSON", e);
        }
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(access.url() + path))
                .timeout(timeout)
                .header("Accept", MEDIA_TYPE + ", application/json")
                .header("Content-Type", MEDIA_TYPE);
        authorization.ifPresent(value -> request.header("Authorization", value));
        return request;
    }

    /** Sends a request. The answer is empty if the registry says that it does not have the thing. */
    private CompletableFuture<Optional<JsonNode>> send(HttpRequest.Builder request) {
        var exchange = http.sendAsync(request.build(), response -> new BoundedBody(MAX_BODY));
        // The timeout of a request ends with the headers of its response.
        return exchange.copy()
                .orTimeout(2 * timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handle((response, fault) -> {
                    exchange.cancel(true); // closes the connection of an exchange that has not ended
                    if (fault != null) {
                        throw unreachable(fault);
                    }
                    return answer(response);
                });
    }

    private Optional<JsonNode> answer(HttpResponse<byte[]> response) {
        JsonNode json = json(response.body());
        int status = response.statusCode();
        if (status == OK && json.isObject()) {
            return Optional.of(json);
        }
        // A 404 of something that is not a registry must not look like an unknown id.
        if (status == NOT_FOUND && json.path("error_code").asInt() / 100 == NOT_FOUND_CODES / 100) {
            return Optional.empty();
        }
        String message = json.path("message").asText("");
        throw fault(
                "answered " + response.request().method() + " "
                        + response.request().uri().getPath() + " with the status " + status
                        + (message.isEmpty() ? "" : " (" + message + ")"),
                status == 401 || status == 403
                        ? "give its credentials as --kafka." + RegistryCredentials.SETTING
                        : status == 409 || status == 422
                                ? "set the subject's compatibility to NONE, or delete its other schemas"
                                : "look at its log, and check that schema-registry is the address of its API");
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException e) {
            return JSON.missingNode();
        }
    }

    private static Optional<JsonNode> answerOf(CompletableFuture<Optional<JsonNode>> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RegistryException fault) {
                throw fault;
            }
            throw e;
        }
    }

    private RegistryException unreachable(Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        String fact = cause instanceof TimeoutException ? "no answer within " + timeout.toMillis() + " ms" : "" + cause;
        return new RegistryException(
                "the schema registry at " + access + " did not answer (" + fact
                        + "); start it, or correct schema-registry",
                cause);
    }

    private RegistryException fault(String fact, String remedy) {
        return new RegistryException("the schema registry at " + access + " " + fact + "; " + remedy);
    }
}
