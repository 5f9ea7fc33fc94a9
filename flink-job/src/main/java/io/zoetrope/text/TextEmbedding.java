package io.zoetrope.text;

import java.nio.FloatBuffer;

/**
 * One prompt as the generator reads it: a vector for each token.
 *
 * @param values row-major [paddedLength, width], padding last
 * @param length how many of the rows are real, from the first; at least 1
 * @param width numbers in a row
 */
public record TextEmbedding(FloatBuffer values, int length, int width) {
    /** Refuses with an {@link IllegalArgumentException} values that are not whole rows, or a length beyond them. */
    public TextEmbedding {
        values = values.slice().asReadOnlyBuffer();
        if (width < 1 || values.capacity() % width != 0) {
            throw new IllegalArgumentException(
                    "text embedding: expected whole rows of " + width + " numbers, got " + values.capacity());
        }
        if (length < 1 || length > values.capacity() / width) {
            throw new IllegalArgumentException("text embedding: expected 1 to " + values.capacity() / width
                    + " real rows (that many came), got " + length);
        }
    }

    /** A read-only view with its own position. */
    @Override
    public FloatBuffer values() {
        return values.duplicate();
    }

    /** How many rows there are, padding included. */
    public int paddedLength() {
        return values.capacity() / width;
    }
}
