package io.zoetrope.engine;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.generate.Condition;
import io.zoetrope.image.FirstFrame;
import io.zoetrope.lane.Served;
import io.zoetrope.text.TextEmbedding;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What a clip is told, and how the lanes served it. The owner of both parts.
 *
 * @param image of a prompt that brings one
 * @param text of the prompt
 */
record Conditioning(Optional<Served<FirstFrame>> image, Served<TextEmbedding> text) implements Pooled {
    /** Both parts, which come side by side; if one fails, the other is closed once it is there. */
    static CompletionStage<Conditioning> both(
            CompletionStage<Optional<Served<FirstFrame>>> image, CompletionStage<Served<TextEmbedding>> text) {
        return image.thenCombine(text, Conditioning::new).whenComplete((told, fault) -> {
            if (fault != null) {
                image.thenAccept(Conditioning::close);
                text.thenAccept(served -> served.value().close());
            }
        });
    }

    Condition condition() {
        return new Condition(text.value(), image.map(Served::value));
    }

    /** The longer wait, for they overlap. */
    Duration queued() {
        Duration forImage = image.map(Served::queued).orElse(Duration.ZERO);
        return forImage.compareTo(text.queued()) > 0 ? forImage : text.queued();
    }

    /** Time on the device. */
    Duration ran() {
        return text.ran().plus(image.map(Served::ran).orElse(Duration.ZERO));
    }

    @Override
    public void close() {
        text.value().close();
        close(image);
    }

    private static void close(Optional<Served<FirstFrame>> image) {
        image.ifPresent(served -> served.value().close());
    }
}
