package io.zoetrope.text;

import java.nio.LongBuffer;

/**
 * A prompt as token ids of the text encoder's vocabulary.
 *
 * @param ids the token ids, [paddedLength], padded at the end so that prompts of similar length share a batch
 * @param length the number of ids that are not padding, at least 1; they come first
 */
public record Tokens(LongBuffer ids, int length) {
    /** Throws an {@link IllegalArgumentException} if the length is not 1 to the number of ids. */
    public Tokens {
        ids = ids.slice().asReadOnlyBuffer();
        if (length < 1 || length > ids.capacity()) {
            throw new IllegalArgumentException("tokens: expected 1 to " + ids.capacity()
                    + " tokens without padding, as there are " + ids.capacity() + " ids, got " + length);
        }
    }

    /** Returns a read-only view with an independent position. */
    @Override
    public LongBuffer ids() {
        return ids.duplicate();
    }

    /** Returns the number of ids, padding included. Prompts of one padded length can share a batch. */
    public int paddedLength() {
        return ids.capacity();
    }
}
