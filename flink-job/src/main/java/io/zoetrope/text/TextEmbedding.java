package io.zoetrope.text;

import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.PooledBuffer;
import java.nio.FloatBuffer;

/** One prompt as the generator reads it: a vector for each token. */
public final class TextEmbedding implements Pooled {
    private final PooledBuffer memory;
    private final int length;
    private final int width;

    /**
     * Takes its memory over.
     *
     * @param memory float32, row-major [paddedLength, width], padding last
     * @param length how many of the rows are real, from the first; at least 1
     * @param width numbers in a row
     * @throws IllegalArgumentException if the memory is not whole rows, or the length is beyond them
     */
    public TextEmbedding(PooledBuffer memory, int length, int width) {
        if (width < 1 || memory.size() % ((long) width * Float.BYTES) != 0) {
            throw new IllegalArgumentException(
                    "text embedding: expected whole rows of " + width + " numbers, got " + memory.size() / Float.BYTES);
        }
        int rows = memory.size() / Float.BYTES / width;
        if (length < 1 || length > rows) {
            throw new IllegalArgumentException(
                    "text embedding: expected 1 to " + rows + " real rows (that many came), got " + length);
        }
        this.memory = memory;
        this.length = length;
        this.width = width;
    }

    /** A read-only view with its own position, for as long as this is open. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    /** How many of the rows are real, from the first. */
    public int length() {
        return length;
    }

    /** Numbers in a row. */
    public int width() {
        return width;
    }

    /** How many rows there are, padding included. */
    public int paddedLength() {
        return memory.size() / Float.BYTES / width;
    }

    @Override
    public void close() {
        memory.close();
    }
}
