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

/** The demo's page in a browser. */
class BrowserIT {
    private static DemoOutput demo;

    @TempDir
    private static Path profile;

    private static Browser browser;

    private static ClipPage check;

    @TempDir
    private Path folder;

    @BeforeAll
    static void runDemo() {
        browser = Browser.start(profile);
        demo = DemoOutput.shared();
        check = new ClipPage(browser, demo.results());
    }

    @AfterAll
    static void stop() {
        if (browser != null) { // where a tool is missing, none was started
            browser.close();
        }
    }

    /** A picture of the page stays in {@code target/demo/} to be looked at. */
    @Test
    void thePagePlaysEveryClipUnderItsPromptAndSaysWhyTheOthersFailed() throws IOException {
        assertThat(check.faults(demo.page().toUri())).isEmpty();

        browser.screenshot(demo.folder().resolve("index.png"));
    }

    @Test
    void aClipThatIsCutShortIsCaught() throws IOException {
        URI page = changed(html -> replaceFirst(html, "(base64,[^\"]{1000})[^\"]*", "$1"));

        assertThat(check.faults(page)).isNotEmpty().allMatch(fault -> fault.startsWith(prompt(0) + ": "));
    }

    @Test
    void aContentTypeThatIsWrongIsCaught() throws IOException {
        URI page = changed(html -> replaceFirst(html, "vp09\\.00", "vp09.09"));

        assertThat(check.faults(page)).contains(prompt(0) + ": no source that the browser plays");
    }

    @Test
    void aClipUnderAnotherPromptIsCaught() throws IOException {
        URI page = changed(html -> html.replace("a green star", "a green heart"));

        assertThat(check.faults(page)).containsExactly(prompt(1) + ": stands nowhere");
    }

    @Test
    void aFailureWithoutItsReasonIsCaught() throws IOException {
        JsonNode failure = demo.results().get(3);
        String reason = failure.path("failure").path("message").asText();
        URI page = changed(html -> html.replace(reason, ""));

        assertThat(check.faults(page)).containsExactly(prompt(3) + ": its reason is not told: " + reason);
    }

    @Test
    void aPageThatNeedsTheNetworkIsCaught() throws IOException {
        URI page = changed(html -> html.replaceFirst("<meta http-equiv[^>]*>", "")
                .replace("<main>", "<main><img src=\"http://127.0.0.1:9/logo.png\">"));

        assertThat(check.faults(page)).contains("asks for http://127.0.0.1:9/logo.png");
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
