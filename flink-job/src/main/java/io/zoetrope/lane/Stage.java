package io.zoetrope.lane;

import java.util.List;

/** What a lane runs on its device. Called by one thread only. */
@FunctionalInterface
public interface Stage<I, O> {
    /**
     * Runs one batch.
     *
     * @param batch requests of one bucket, at least one
     * @return one result for each request, in their order
     * @throws Exception to fail the batch; the lane then runs it again in halves, so that only the guilty fail
     */
    List<O> run(List<I> batch) throws Exception;
}
