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
 * Headless Chromium, controlled through ChromeDriver with the W3C's WebDriver protocol. The protocol consists of a few
 * JSON requests, so the JDK's HTTP client is sufficient; a WebDriver library would try to download a browser.
 */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SCRIPT_TIMEOUT = Duration.ofMinutes(2);

    private static final List<String> ARGUMENTS = List.of(
            "--headless",
            "--window-size=1280,1000",
            // The sandbox needs rights that root and most containers lack. The tests open only trusted pages.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            // Names that a test needs and that no DNS server has to resolve.
            "--host-resolver-rules=MAP *.example 127.0.0.1",
            // Without the next options Chromium sends requests to its vendor at every start.
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
                        Map.of("script", SCRIPT_TIMEOUT.toMillis())));
    }

    /**
     * Starts a browser with a new profile.
     *
     * @param folder the folder for the profile and other temporary files
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
     * Runs the body of an asynchronous JavaScript function in the page, and returns its result.
     *
     * @param arguments the arguments, which the script reads as {@code arguments[0]} and so on. After them comes the
     *     callback that the script calls with its result.
     */
    JsonNode run(String script, Object... arguments) {
        return post(session + "/execute/async", Map.of("script", script, "args", List.of(arguments)));
    }

    /** Writes a PNG of the whole page, including the part below the window. */
    void screenshot(Path file) throws IOException {
        JsonNode png = post(
                session + "/goog/cdp/execute",
                Map.of("cmd", "Page.captureScreenshot", "params", Map.of("captureBeyondViewport", true)));
        Files.write(file, Base64.getDecoder().decode(png.path("data").asText()));
    }

    /**
     * Returns the console's warnings and errors since the last call: messages of the page, and of the browser about it.
     */
    List<String> consoleProblems() {
        List<String> messages = new ArrayList<>();
        for (JsonNode entry : log("browser")) {
            if (List.of("WARNING", "SEVERE").contains(entry.path("level").asText())) {
                messages.add(entry.path("message").asText());
            }
        }
        return messages;
    }

    /** Returns every address that the browser requested since the last call. */
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

    /** Ends the browser's session, then kills the processes of driver and browser; returns when they have ended. */
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
