package io.zoetrope.generate;

import io.zoetrope.image.FirstFrame;
import io.zoetrope.text.TextEmbedding;
import java.util.Optional;

/**
 * What a clip is told. It owns neither part.
 *
 * @param text the prompt's
 * @param firstFrame that the clip starts from; empty if it starts from the text alone
 */
public record Condition(TextEmbedding text, Optional<FirstFrame> firstFrame) {
    /** Text alone. */
    public static Condition ofText(TextEmbedding text) {
        return new Condition(text, Optional.empty());
    }
}
