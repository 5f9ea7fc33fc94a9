package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Headless Chromium, driven in the W3C's WebDriver protocol by the driver that belongs to it. That is a few JSON
 * requests: the JDK's HTTP client does, and no library comes along that would look for a browser to download.
 */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final List<String> ARGUMENTS = List.of(
            "--headless",
            "--window-size=1280,1000",
            // The sandbox needs rights that root and most containers lack; the pages here are our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            // Without these Chromium calls home at every start.
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-quic",
            "--disable-sync",
            "--no-first-run");

    private final HttpClient http = HttpClient.newHttpClient();
    private final ChromeDriver driver;
    private final String session;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
        this.session = "session/"
                + post("session", Map.of("capabilities", capabilities()))
                        .path("sessionId")
                        .asText();
    }

    private static Map<String, Object> capabilities() {
        return Map.of(
                "alwaysMatch",
                Map.of(
                        "goog:chromeOptions",
                        Map.of("binary", Tool.CHROMIUM.require().toString(), "args", ARGUMENTS),
                        "goog:loggingPrefs",
                        Map.of("browser", "ALL", "performance", "ALL"),
                        "timeouts",
                        Map.of("script", PATIENCE.toMillis())));
    }

    /**
     * Starts a browser with a new profile.
     *
     * @param folder for the profile and other temporary files
     */
    static Browser start(Path folder) {
        ChromeDriver driver = ChromeDriver.start(folder);
        try {
            return new Browser(driver);
        } catch (RuntimeException | Error e) {
            driver.close();
            throw e;
        }
    }

    /** Opens a page and waits until it has loaded. */
    void open(URI page) {
        post(session + "/url", Map.of("url", page.toString()));
    }

    /**
     * Runs the body of a JavaScript function in the page.
     *
     * @param arguments that it finds as {@code arguments[0]} and so on; the last of all is the function that it calls
     *     with its result
     */
    JsonNode run(String script, Object... arguments) {
        return post(session + "/execute/async", Map.of("script", script, "args", List.of(arguments)));
    }

    /** Writes the whole page as a PNG, what lies below the window included. */
    void screenshot(Path file) throws IOException {
        JsonNode png = post(
                session + "/goog/cdp/execute",
                Map.of("cmd", "Page.captureScreenshot", "params", Map.of("captureBeyondViewport", true)));
        Files.write(file, Base64.getDecoder().decode(png.path("data").asText()));
    }

    /** What was written to the console as a warning or an error since the last call, by the page or about it. */
    List<String> consoleProblems() {
        List<String> messages = new ArrayList<>();
        for (JsonNode entry : log("browser")) {
            if (List.of("WARNING", "SEVERE").contains(entry.path("level").asText())) {
                messages.add(entry.path("message").asText());
            }
        }
        return messages;
    }

    /** Every address that was asked for since the last call. */
    List<URI> requests() throws IOException {
        List<URI> addresses = new ArrayList<>();
        for (JsonNode entry : log("performance")) {
            JsonNode event = JSON.readTree(entry.path("message").asText()).path("message");
            if (event.path("method").asText().equals("Network.requestWillBeSent")) {
                addresses.add(URI.create(
                        event.path("params").path("request").path("url").asText()));
            }
        }
        return addresses;
    }

    private JsonNode log(String type) {
        return post(session + "/se/log", Map.of("type", type));
    }

    private JsonNode post(String path, Object body) {
        try {
            return send(HttpRequest.newBuilder(driver.address().resolve(path))
                    .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
                    .build());
        } catch (IOException e) {
            throw new IllegalStateException("chromedriver " + path + ": " + e, e);
        }
    }

    private JsonNode send(HttpRequest request) throws IOException {
        try {
            HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
            JsonNode value = JSON.readTree(response.body()).path("value");
            if (response.statusCode() != 200) {
                throw new AssertionError(
                        request.uri() + ": " + value.path("message").asText());
            }
            return value;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lets the browser end and ends its driver; returns when all their processes are gone. */
    @Override
    public void close() {
        List<ProcessHandle> processes = driver.processes();
        try (driver) {
            send(HttpRequest.newBuilder(driver.address().resolve(session))
                    .DELETE()
                    .build());
        } catch (IOException e) {
            throw new IllegalStateException("chromedriver: " + e, e);
        } finally {
            ChromeDriver.end(processes);
        }
    }
}
