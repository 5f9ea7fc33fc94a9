package io.zoetrope.text;

import java.nio.LongBuffer;

/**
 * A prompt in the text encoder's vocabulary.
 *
 * @param ids token ids, padded at the end so that prompts of like length share a batch; [paddedLength]
 * @param length how many of the ids are real, from the first; at least 1
 */
public record Tokens(LongBuffer ids, int length) {
    /** Refuses with an {@link IllegalArgumentException} a length that is not 1 to the number of ids. */
    public Tokens {
        ids = ids.slice().asReadOnlyBuffer();
        if (length < 1 || length > ids.capacity()) {
            throw new IllegalArgumentException(
                    "tokens: expected 1 to " + ids.capacity() + " real tokens (that many ids came), got " + length);
        }
    }

    /** A read-only view with its own position. */
    @Override
    public LongBuffer ids() {
        return ids.duplicate();
    }

    /** How many ids there are, padding included: prompts of one padded length go through a stage together. */
    public int paddedLength() {
        return ids.capacity();
    }
}
