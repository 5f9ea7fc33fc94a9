package io.zoetrope.hosting;

import io.zoetrope.generate.Condition;
import io.zoetrope.generate.LatentShape;

/**
 * The input of a sampler for one video.
 *
 * @param condition the prompt's text embedding and first frame; the caller keeps ownership of their memory
 * @param seed the seed of the initial noise
 * @param steps the number of generator passes, which selects the sampler
 * @param shape the shape of the video's latents
 */
public record SamplingInput(Condition condition, long seed, int steps, LatentShape shape) {
    /**
     * Returns the batching key. Inputs of equal keys have latents and text embeddings of one shape and use one sampler, so
     * they can share a batch. Inputs with and without a first frame can share one too.
     */
    Bucket bucket() {
        return new Bucket(condition.text().paddedLength(), steps, shape);
    }

    /** A batching key. */
    record Bucket(int paddedLength, int steps, LatentShape shape) {
        @Override
        public String toString() {
            return paddedLength + "x" + steps + "x" + shape.frames() + "x" + shape.height() + "x" + shape.width();
        }
    }
}
