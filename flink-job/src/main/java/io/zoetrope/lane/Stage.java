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
     * Makes the run that a thread has in progress throw soon. Does nothing if the thread has none. Another thread calls
     * this, repeatedly, until the run has returned; it must not block.
     *
     * @param runner the thread in {@link #run}
     */
    default void end(Thread runner) {}

    /**
     * Frees what the stage runs on, if the device may not have the memory for it and for its replacement. The lane calls
     * it before {@link #renew}, which has a time limit of its own.
     *
     * @throws Exception if it cannot be freed; the lane is then taken out of use
     */
    default void discard() throws Exception {}

    /**
     * Opens anew what the stage runs on. The lane calls it after a run that had to be ended or met a fault of the
     * device, on its own thread and between its runs; other lanes may have runs in progress.
     *
     * @throws Exception if it cannot be opened; the lane is then taken out of use
     */
    default void renew() throws Exception {}

    /**
     * Returns whether a fault of a run is a lack of memory, so that a smaller batch may succeed where this one failed.
     */
    default boolean isOutOfMemory(Throwable fault) {
        return fault instanceof OutOfMemoryError;
    }

    /**
     * Returns whether a fault of a run is one of the device, so that the same batch may succeed on another device, or on
     * this one with the stage opened anew.
     */
    default boolean isDeviceFault(Throwable fault) {
        return false;
    }
}
