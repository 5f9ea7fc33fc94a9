package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
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
     * Samples a batch of clips.
     *
     * @param text B embeddings of one padded length, which stay the caller's
     * @param seeds B seeds, in the same order
     * @return clean latents of each video, in the same order, for the caller to close
     * @throws IllegalArgumentException if there are not as many seeds as embeddings
     */
    List<Latents> sample(Generator generator, List<TextEmbedding> text, long[] seeds);

    /**
     * The sampler that a manifest names.
     *
     * @param name {@code one-step} or {@code two-step}
     * @param timesteps where each pass starts, from noise (1) down
     * @param buffers where latents are taken from
     * @throws IllegalArgumentException if there is no such sampler, or it cannot work with these timesteps
     */
    static Sampler of(String name, List<Float> timesteps, BufferPool buffers) {
        if (timesteps.isEmpty() || timesteps.get(0) != OneStepSampler.NOISE_TIMESTEP) {
            throw new IllegalArgumentException(
                    "sampler " + name + ": expected timesteps that begin with noise, 1.0, got " + timesteps);
        }
        return switch (name + "/" + timesteps.size()) {
            case OneStepSampler.NAME + "/1" -> new OneStepSampler(buffers);
            case TwoStepSampler.NAME + "/2" -> new TwoStepSampler(timesteps.get(1), buffers);
            default ->
                throw new IllegalArgumentException(
                        "sampler " + name + ": expected one-step with 1 timestep or two-step with 2, got " + timesteps);
        };
    }
}
