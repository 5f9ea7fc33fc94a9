package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * Checks that a page plays every clip to its end under its prompt, and shows the reason of every failure.
 *
 * @param browser the browser that opens the page
 * @param results the result of each prompt, as in results.json
 */
record ClipPage(Browser browser, List<JsonNode> results) {
    /** The tolerance for the end of a clip: the script polls the position, and counts the last poll before the end. */
    private static final double TOLERANCE_SECONDS = 0.2;

    /** Returns all faults of the page. */
    List<String> faults(URI page) throws IOException {
        browser.open(page);
        JsonNode figures = browser.run(Script.read("watch-clips.js"));
        List<String> faults = new ArrayList<>(browser.consoleProblems());
        browser.requests().stream()
                .filter(address -> !address.equals(page) && !address.getScheme().equals("data"))
                .forEach(address -> faults.add("requests " + address));
        if (figures.size() != results.size()) {
            faults.add("expected " + results.size() + " figures, found " + figures.size());
        }
        for (JsonNode result : results) {
            String prompt = result.path("prompt").asText();
            figure(figures, prompt)
                    .ifPresentOrElse(
                            figure -> faults(result, figure).forEach(fault -> faults.add(prompt + ": " + fault)),
                            () -> faults.add(prompt + ": is not on the page"));
        }
        return faults;
    }

    private static Optional<JsonNode> figure(JsonNode figures, String prompt) {
        return StreamSupport.stream(figures.spliterator(), false)
                .filter(figure -> figure.path("text").asText().contains(prompt))
                .findFirst();
    }

    private static List<String> faults(JsonNode result, JsonNode figure) {
        String reason = result.path("failure").path("message").asText();
        if (!figure.path("text").asText().contains(reason)) {
            return List.of("the page does not show the reason: " + reason);
        }
        return result.has("file") ? clipFaults(result, figure.path("clip")) : List.of();
    }

    private static List<String> clipFaults(JsonNode result, JsonNode clip) {
        List<String> faults = new ArrayList<>();
        if (!clip.path("problem").asText("no clip").isEmpty()) {
            faults.add(clip.path("problem").asText("no clip"));
        }
        if (!clip.path("width").equals(result.path("width"))
                || !clip.path("height").equals(result.path("height"))) {
            faults.add("has the wrong size " + clip.path("width") + "x" + clip.path("height"));
        }
        double seconds = result.path("frame_count").asDouble()
                * result.path("frame_rate").path("den").asDouble()
                / result.path("frame_rate").path("num").asDouble();
        if (!(Math.abs(clip.path("furthest").asDouble() - seconds) < TOLERANCE_SECONDS)) {
            faults.add("played " + clip.path("furthest") + " of " + seconds + " s");
        }
        return faults;
    }
}
