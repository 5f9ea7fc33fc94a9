package io.zoetrope.lane;

import java.util.List;

/** A function that a lane runs on its device. Each lane calls it on its own thread. */
@FunctionalInterface
public interface Stage<I, O> {
    /**
     * Runs one batch.
     *
     * @param batch requests of one bucket, at least one
     * @return one result per request, in the same order
     * @throws Exception to fail the batch; the lane then runs it again in halves, so that only the failing requests
     *     fail
     */
    List<O> run(List<I> batch) throws Exception;

    /**
     * Returns whether a fault of a run is a lack of memory, so that a smaller batch may succeed where this one failed.
     */
    default boolean isOutOfMemory(Throwable fault) {
        return fault instanceof OutOfMemoryError;
    }
}
