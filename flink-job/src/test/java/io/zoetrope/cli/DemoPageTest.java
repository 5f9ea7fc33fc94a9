package io.zoetrope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the files that the demo writes next to the videos: index.html and results.json. */
class DemoPageTest {
    private static final String HOSTILE = "</q><script>alert('x')</script>\" onload=\"&";

    @TempDir
    private Path folder;

    @Test
    void thePageShowsEveryVideoWithItsPrompt() {
        String html = DemoPage.html(List.of(clip("01-a", "a red circle"), clip("02-b", "a blue ring")));

        assertThat(html)
                .contains("All 2 prompts were answered by video, made by toybox-64.")
                .contains(">a red circle</q>", ">a blue ring</q>")
                .contains("type=\"video/mp4; codecs=&quot;av01.0.00M.08&quot;\""
                        + " src=\"data:video/mp4;base64,aW5pdDAxLWE=\"")
                .contains("aspect-ratio: 64 / 48")
                .contains("<dt>seed</dt><dd>7</dd>", "<a href=\"01-a.mp4\">8 bytes</a>")
                .doesNotContain("{{");
    }

    @Test
    void thePageShowsAFailureWithItsReason() {
        String html = DemoPage.html(List.of(
                clip("01-a", "a red circle"),
                new DemoResult(
                        request("02-b", "a long one", Optional.empty()),
                        new Answer.Failed(Segments.failed("02-b", "102 tokens, 64 are read")),
                        Duration.ofSeconds(1))));

        assertThat(html)
                .contains("1 of 2 prompts were answered by video")
                .contains("<strong>PROMPT_TOO_LONG</strong><span>102 tokens, 64 are read</span>");
    }

    @Test
    void promptsAndMessagesAreEscapedAndThePageAllowsNoScript() {
        String html = DemoPage.html(List.of(
                clip("01-a", HOSTILE),
                new DemoResult(
                        request("02-b", HOSTILE, Optional.empty()),
                        new Answer.Failed(Segments.failed("02-b", HOSTILE)),
                        Duration.ZERO),
                new DemoResult(
                        request("03-c", HOSTILE, Optional.empty()),
                        new Answer.Missing("03-c", HOSTILE),
                        Duration.ZERO)));

        assertThat(html)
                .doesNotContain("<script")
                .doesNotContain("\" onload=")
                .contains("&lt;/q&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;&amp;")
                .contains("Content-Security-Policy\" content=\"default-src 'none'; media-src data:;");
    }

    @Test
    void resultsAreAListInTheOrderOfThePrompts() throws IOException {
        Path file = folder.resolve("results.json");
        DemoResult refused = new DemoResult(
                request("02-b", "a long one", Optional.empty()),
                new Answer.Failed(Segments.failed("02-b", "too long")),
                Duration.ofMillis(1500));

        ResultsFile.write(file, List.of(clip("01-a", "a red circle"), refused));

        JsonNode results = new ObjectMapper().readTree(file.toFile());
        JsonNode video = results.get(0);
        assertThat(video.get("request_id").asText()).isEqualTo("01-a");
        assertThat(video.get("prompt").asText()).isEqualTo("a red circle");
        assertThat(video.get("file").asText()).isEqualTo("01-a.mp4");
        assertThat(video.get("sha256").asText()).hasSize(64);
        assertThat(video.get("seed").asLong()).isEqualTo(7);
        assertThat(video.get("model").asText()).isEqualTo("toybox-64");
        assertThat(video.get("frame_count").asInt()).isEqualTo(17);
        assertThat(video.get("timings").get("decode_ms").asInt()).isEqualTo(4);
        assertThat(results.get(1).get("failure").get("code").asText()).isEqualTo("PROMPT_TOO_LONG");
        assertThat(results.get(1).get("seed").asLong()).isEqualTo(Seed.derive(new RequestId("02-b")));
        assertThat(results.get(1).get("elapsed_s").asDouble()).isEqualTo(1.5);
    }

    private static DemoResult clip(String requestId, String prompt) {
        String payload = "init" + requestId;
        return new DemoResult(
                request(requestId, prompt, Optional.of(7L)),
                new Answer.Clip(
                        Segments.segment(requestId, 0, true, payload), payload.getBytes(StandardCharsets.UTF_8)),
                Duration.ofSeconds(1));
    }

    private static PromptRequest request(String requestId, String prompt, Optional<Long> seed) {
        return new PromptRequest(
                requestId,
                prompt,
                seed,
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }
}
