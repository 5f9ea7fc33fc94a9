package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the demo's page in a browser. */
class BrowserIT {
    private static DemoOutput demo;

    @TempDir
    private static Path profile;

    private static Browser browser;

    private static ClipPage clipPage;

    @TempDir
    private Path folder;

    @BeforeAll
    static void runDemoOnce() {
        browser = Browser.start(profile);
        demo = DemoOutput.shared();
        clipPage = new ClipPage(browser, demo.results());
    }

    @AfterAll
    static void stop() {
        if (browser != null) { // null if a tool is missing
            browser.close();
        }
    }

    /**
     * Also writes a screenshot of the page to {@code target/demo-N/}, for people to look at. N is the number of the
     * test process.
     */
    @Test
    void thePagePlaysEveryClipUnderItsPromptAndShowsEveryReason() throws IOException {
        assertThat(clipPage.faults(demo.page().toUri())).isEmpty();

        browser.screenshot(demo.folder().resolve("index.png"));
    }

    @Test
    void aTruncatedClipIsDetected() throws IOException {
        URI page = changed(html -> replaceFirst(html, "(base64,[^\"]{1000})[^\"]*", "$1"));

        assertThat(clipPage.faults(page)).isNotEmpty().allMatch(fault -> fault.startsWith(prompt(0) + ": "));
    }

    @Test
    void aWrongContentTypeIsDetected() throws IOException {
        URI page = changed(html -> replaceFirst(html, "vp09\\.00", "vp09.09"));

        assertThat(clipPage.faults(page)).contains(prompt(0) + ": no source that the browser plays");
    }

    @Test
    void aClipUnderAnotherPromptIsDetected() throws IOException {
        URI page = changed(html -> html.replace("a green star", "a green heart"));

        assertThat(clipPage.faults(page)).containsExactly(prompt(1) + ": is not on the page");
    }

    @Test
    void aFailureWithoutItsReasonIsDetected() throws IOException {
        JsonNode failure = demo.results().get(3);
        String reason = failure.path("failure").path("message").asText();
        URI page = changed(html -> html.replace(reason, ""));

        assertThat(clipPage.faults(page)).containsExactly(prompt(3) + ": the page does not show the reason: " + reason);
    }

    @Test
    void aPageThatNeedsTheNetworkIsDetected() throws IOException {
        URI page = changed(html -> html.replaceFirst("<meta http-equiv[^>]*>", "")
                .replace("<main>", "<main><img src=\"http://127.0.0.1:9/logo.png\">"));

        assertThat(clipPage.faults(page)).contains("requests http://127.0.0.1:9/logo.png");
    }

    private static String prompt(int index) {
        return demo.results().get(index).path("prompt").asText();
    }

    private URI changed(UnaryOperator<String> change) throws IOException {
        String html = demo.html();
        String changed = change.apply(html);
        assertThat(changed).isNotEqualTo(html);
        return Files.writeString(folder.resolve("index.html"), changed).toUri();
    }

    private static String replaceFirst(String html, String pattern, String replacement) {
        return Pattern.compile(pattern).matcher(html).replaceFirst(replacement);
    }
}
