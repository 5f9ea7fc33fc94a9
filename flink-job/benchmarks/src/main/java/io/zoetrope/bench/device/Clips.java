package io.zoetrope.bench.device;

import io.zoetrope.prompt.PromptRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The prompts that all sides use. Prompts and seeds are the same for every side, and so is the work. */
public final class Clips {
    private static final List<String> COLOURS = List.of("red", "orange", "yellow", "green", "blue", "purple");
    private static final List<String> SHAPES = List.of("circle", "square", "triangle", "star", "heart", "ring");

    private Clips() {}

    /** Returns the text of clip number {@code index}. */
    public static String text(int index) {
        return "a " + COLOURS.get(index % COLOURS.size()) + " " + SHAPES.get(index / COLOURS.size() % SHAPES.size())
                + " moving right on a black background";
    }

    /** Returns a request for clip number {@code index}. */
    public static PromptRequest request(String requestId, int index) {
        return new PromptRequest(
                requestId,
                text(index),
                Optional.of((long) index),
                Optional.empty(),
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Instant.now());
    }
}
