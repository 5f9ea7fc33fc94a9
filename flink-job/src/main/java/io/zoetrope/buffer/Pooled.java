package io.zoetrope.buffer;

/**
 * An object that holds memory of a {@link BufferPool}. It has one owner, which closes it after its last use. A stage
 * that takes it as an argument reads it and does not become its owner.
 *
 * <p>A second close does nothing. A read after the close throws, as the pool may have given the memory to another
 * owner.
 */
public interface Pooled extends AutoCloseable {
    /** Returns the memory to the pool. */
    @Override
    void close();

    /** Closes all elements. */
    static void closeAll(Iterable<? extends Pooled> elements) {
        for (Pooled element : elements) {
            element.close();
        }
    }
}
