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
 * The conditioning of one request as the lanes produced it: its encoded text and first frame, with their waiting and
 * run times. Owns the memory of both.
 *
 * @param image the encoded first frame, if the prompt has one
 * @param text the encoded text
 */
record Conditioning(Optional<Served<FirstFrame>> image, Served<TextEmbedding> text) implements Pooled {
    /** Combines both parts, which may be produced in parallel. If one fails, closes the other when it completes. */
    static CompletionStage<Conditioning> combine(
            CompletionStage<Optional<Served<FirstFrame>>> image, CompletionStage<Served<TextEmbedding>> text) {
        return image.thenCombine(text, Conditioning::new).whenComplete((conditioning, fault) -> {
            if (fault != null) {
                image.thenAccept(Conditioning::close);
                text.thenAccept(served -> served.value().close());
            }
        });
    }

    Condition condition() {
        return new Condition(text.value(), image.map(Served::value));
    }

    /** Returns the longer of both waiting times, because they overlap. */
    Duration queued() {
        Duration imageQueued = image.map(Served::queued).orElse(Duration.ZERO);
        return imageQueued.compareTo(text.queued()) > 0 ? imageQueued : text.queued();
    }

    /** Returns the sum of both run times on the device. */
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
