package io.zoetrope.cli;

import io.zoetrope.schema.Timings;
import io.zoetrope.schema.VideoSegment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The demo's index.html: shows every video with its prompt. Videos are embedded, so the file needs no other file. */
final class DemoPage {
    private DemoPage() {}

    /** Returns the page's HTML. All text of prompts and records is escaped, and the page's policy forbids scripts. */
    static String html(List<DemoResult> results) {
        String cards = results.stream().map(DemoPage::card).collect(Collectors.joining("\n"));
        return template()
                .replace("{{aspect}}", aspect(results))
                .replace("{{summary}}", escaped(summary(results)))
                .replace("{{cards}}", cards);
    }

    private static String summary(List<DemoResult> results) {
        long videos = results.stream().filter(DemoResult::isVideo).count();
        String count = videos == results.size() ? "All " + videos : videos + " of " + results.size();
        String model = results.stream()
                .map(DemoResult::answer)
                .filter(Answer.Clip.class::isInstance)
                .map(answer -> ", made by " + ((Answer.Clip) answer).last().getModel())
                .findFirst()
                .orElse("");
        return count + " prompts were answered by video" + model + ".";
    }

    /** Returns the aspect ratio of the videos, which the box of a failure has too. */
    private static String aspect(List<DemoResult> results) {
        return results.stream()
                .map(DemoResult::answer)
                .filter(Answer.Clip.class::isInstance)
                .map(answer -> ((Answer.Clip) answer).last())
                .map(segment -> segment.getWidth() + " / " + segment.getHeight())
                .findFirst()
                .orElse("1 / 1");
    }

    private static String card(DemoResult result) {
        return """
                <figure>
                %s
                <figcaption><q title="%s">%s</q>
                <dl>%s</dl></figcaption>
                </figure>""".formatted(
                        stage(result),
                        escaped(result.request().text()),
                        escaped(result.request().text()),
                        facts(result));
    }

    private static String stage(DemoResult result) {
        return result.answer()
                .match(
                        clip -> video(result.request().text(), clip),
                        failed -> failed(
                                failed.record().getCode(), failed.record().getMessage()),
                        missing -> failed("NO ANSWER", missing.reason()));
    }

    private static String video(String prompt, Answer.Clip clip) {
        return """
                <video muted autoplay loop playsinline title="%s">\
                <source type="%s" src="data:video/mp4;base64,%s"></video>""".formatted(
                        escaped(prompt),
                        escaped(clip.last().getContentType()),
                        Base64.getEncoder().encodeToString(clip.file()));
    }

    private static String failed(String code, String message) {
        return "<div class=\"failed\"><strong>" + escaped(code) + "</strong><span>" + escaped(message)
                + "</span></div>";
    }

    private static String facts(DemoResult result) {
        String seed = fact("seed", escaped(Long.toString(result.seed())));
        return result.answer()
                .match(
                        clip -> seed + facts(result, clip),
                        failed -> seed + fact("stage", escaped(failed.record().getStage())),
                        missing -> seed);
    }

    private static String facts(DemoResult result, Answer.Clip clip) {
        VideoSegment segment = clip.last();
        Timings timings = segment.getTimings();
        return fact("model", escaped(segment.getModel() + ", " + segment.getSampler()))
                + fact("text", timings.getTextMs() + " ms")
                + fact("generate", timings.getGenerateMs() + " ms, in a batch of " + segment.getBatchSize())
                + fact("decode", timings.getDecodeMs() + " ms")
                + fact("encode", timings.getEncodeMs() + " ms")
                + fact("file", "<a href=\"%s\">%,d bytes</a>".formatted(result.file(), clip.file().length));
    }

    private static String fact(String name, String html) {
        return "<dt>" + name + "</dt><dd>" + html + "</dd>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    private static String template() {
        String name = "demo-page.html";
        try (InputStream resource = Objects.requireNonNull(DemoPage.class.getResourceAsStream(name), name)) {
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("this build's " + name + " cannot be read", e);
        }
    }
}
