package io.zoetrope.outside;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The output of {@code ./zoetrope demo}. It remains in {@code target/}, for people to look at.
 *
 * @param folder the folder of the clips and the page
 * @param results the result of each prompt, as in results.json
 */
record DemoOutput(Path folder, List<JsonNode> results) {
    private static final String TOO_LONG =
            "a red circle moving right ".repeat(20).trim();

    private static final List<String> PROMPTS = List.of(
            "a red circle moving right on a black background",
            "a green star spinning on a gray background",
            "<b>a blue square</b> & \"two\" {{cards}}",
            TOO_LONG);

    private static final int SOME_FAILED = 1;

    /** Returns the output of the demo that all tests of this JVM share. Its last prompt is too long. */
    static DemoOutput shared() {
        return Shared.OUTPUT;
    }

    private static final class Shared {
        static final DemoOutput OUTPUT =
                runDemo(Path.of("target", "demo-" + System.getProperty("surefire.forkNumber", "1"))
                        .toAbsolutePath());
    }

    private static DemoOutput runDemo(Path folder) {
        List<String> arguments = new ArrayList<>(List.of("demo", "--out", folder.toString()));
        arguments.addAll(PROMPTS);
        Command demo = Command.run(Repository.ROOT, Launch.zoetrope(arguments.toArray(String[]::new)));
        if (demo.exit() != SOME_FAILED) {
            throw new AssertionError("demo: expected exit status " + SOME_FAILED
                    + " for a prompt that is too long, got " + demo.exit() + "\n" + demo.stdout() + demo.stderr());
        }
        return new DemoOutput(folder, results(folder.resolve("results.json")));
    }

    private static List<JsonNode> results(Path file) {
        List<JsonNode> results = new ArrayList<>();
        try {
            new ObjectMapper().readTree(file.toFile()).forEach(results::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return results;
    }

    /** Returns the results that are videos. */
    List<JsonNode> videos() {
        return results.stream().filter(result -> result.has("file")).toList();
    }

    Path page() {
        return folder.resolve("index.html");
    }

    Path clip(JsonNode video) {
        return folder.resolve(video.path("file").asText());
    }

    String html() throws IOException {
        return Files.readString(page());
    }
}
