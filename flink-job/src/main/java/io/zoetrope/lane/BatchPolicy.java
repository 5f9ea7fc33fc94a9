package io.zoetrope.lane;

import java.util.function.Function;

/**
 * Which requests share a batch.
 *
 * @param maxBatch how many at most
 * @param bucket what they must have in common, compared with equals: requests of different buckets never mix
 */
public record BatchPolicy<I>(int maxBatch, Function<? super I, ?> bucket) {
    /** Refuses with an {@link IllegalArgumentException} a maxBatch below 1. */
    public BatchPolicy {
        if (maxBatch < 1) {
            throw new IllegalArgumentException("batch: expected a maximum of at least 1, got " + maxBatch);
        }
    }
}
