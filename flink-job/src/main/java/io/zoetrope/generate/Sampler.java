package io.zoetrope.generate;

import io.zoetrope.text.TextEmbedding;
import java.util.List;

/**
 * Walks from noise to clean latents along a generator's velocity. Noise comes from each video's own seed, never from
 * the batch, so a video does not depend on its neighbours.
 */
public interface Sampler {
    /** As manifests and published videos name it. */
    String name();

    /** Generator passes for one video. */
    int steps();

    /**
     * @param text B embeddings of one padded length
     * @param seeds B seeds, in the same order
     * @return clean latents, [B,C,T,H,W]
     * @throws IllegalArgumentException if there are not as many seeds as embeddings
     */
    Latents sample(Generator generator, List<TextEmbedding> text, long[] seeds);
}
