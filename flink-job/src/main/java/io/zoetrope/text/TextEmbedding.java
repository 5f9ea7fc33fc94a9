package io.zoetrope.text;

import io.zoetrope.buffer.FloatMemory;
import io.zoetrope.buffer.Pooled;
import java.nio.FloatBuffer;

/** The text embedding of one prompt: one vector per token. The generator reads it. */
public final class TextEmbedding implements Pooled {
    private final FloatMemory memory;
    private final int length;
    private final int width;

    /**
     * Creates a text embedding that owns the given memory.
     *
     * @param memory the vectors, float32, row-major [paddedLength, width], padding last
     * @param length the number of rows that are not padding, at least 1
     * @param width the numbers per row
     * @throws IllegalArgumentException if the memory is not a whole number of rows, or has fewer rows than the length
     */
    public TextEmbedding(FloatMemory memory, int length, int width) {
        if (width < 1 || memory.size() % ((long) width * Float.BYTES) != 0) {
            throw new IllegalArgumentException(
                    "text embedding: expected whole rows of " + width + " numbers, got " + memory.size() / Float.BYTES);
        }
        int rows = memory.size() / Float.BYTES / width;
        if (length < 1 || length > rows) {
            throw new IllegalArgumentException("text embedding: expected 1 to " + rows
                    + " rows without padding, as there are " + rows + " rows, got " + length);
        }
        this.memory = memory;
        this.length = length;
        this.width = width;
    }

    /** Returns a read-only view with an independent position; it must not be used after the close. */
    public FloatBuffer values() {
        return memory.floats().asReadOnlyBuffer();
    }

    /** Returns the number of rows that are not padding; they come first. */
    public int length() {
        return length;
    }

    /** Returns the numbers per row. */
    public int width() {
        return width;
    }

    /** Returns the number of rows, padding included. */
    public int paddedLength() {
        return memory.size() / Float.BYTES / width;
    }

    /** Returns the memory, which a stage on the same device reads without a copy; it stays this object's. */
    public FloatMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        memory.close();
    }
}
