package io.zoetrope.hosting;

import io.zoetrope.generate.Condition;

/**
 * The input of a sampler for one video.
 *
 * @param condition the prompt's text embedding and first frame; the caller keeps ownership of their memory
 * @param seed the seed of the initial noise
 * @param steps the number of generator passes, which selects the sampler
 */
public record SamplingInput(Condition condition, long seed, int steps) {
    /**
     * Returns the batching key. Inputs of equal keys have text embeddings of one shape and use one sampler, so they can
     * share a batch. Inputs with and without a first frame can share one too.
     */
    String bucket() {
        return condition.text().paddedLength() + "x" + steps;
    }
}
