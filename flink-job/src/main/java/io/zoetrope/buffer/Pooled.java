package io.zoetrope.buffer;

/**
 * What holds memory of a {@link BufferPool}. It has one owner, who closes it when he is done; to be lent to a stage and
 * read by it changes no owner.
 *
 * <p>A close that comes again does nothing. To read after the close is refused, as the memory may be another's by then.
 */
public interface Pooled extends AutoCloseable {
    /** Gives the memory back. */
    @Override
    void close();

    /** Closes each. */
    static void closeAll(Iterable<? extends Pooled> all) {
        for (Pooled each : all) {
            each.close();
        }
    }
}
