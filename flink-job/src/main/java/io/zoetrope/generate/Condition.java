package io.zoetrope.generate;

import io.zoetrope.image.FirstFrame;
import io.zoetrope.text.TextEmbedding;
import java.util.Optional;

/**
 * The conditions of one clip: its prompt and, if it has one, its first frame. It does not own their memory.
 *
 * @param text the embedding of the prompt
 * @param firstFrame the first frame of the clip; empty if the clip is made from text alone
 */
public record Condition(TextEmbedding text, Optional<FirstFrame> firstFrame) {
    /** Returns the condition of a clip that is made from text alone. */
    public static Condition ofText(TextEmbedding text) {
        return new Condition(text, Optional.empty());
    }
}
