package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
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
     * @param conditions B of them, with text of one padded length and with or without a first frame; they stay the caller's
     * @param seeds B seeds, in the same order
     * @return clean latents of each video, in the same order, for the caller to close
     * @throws IllegalArgumentException if there are not as many seeds as conditions
     */
    List<Latents> sample(Generator generator, List<Condition> conditions, long[] seeds);

    /**
     * The sampler that a manifest names.
     *
     * @param name {@code one-step}, {@code two-step} or {@code time-travel}
     * @param timesteps of each pass: 1; 1 and an inner one; a nearer one and 1
     * @param buffers where latents are taken from
     * @throws IllegalArgumentException if there is no such sampler, or it cannot work with these timesteps
     */
    static Sampler of(String name, List<Float> timesteps, BufferPool buffers) {
        float noise = Flow.NOISE_TIMESTEP;
        if (name.equals(OneStepSampler.NAME) && timesteps.equals(List.of(noise))) {
            return new OneStepSampler(buffers);
        }
        if (name.equals(TwoStepSampler.NAME) && timesteps.size() == 2 && timesteps.get(0) == noise) {
            return new TwoStepSampler(timesteps.get(1), buffers);
        }
        if (name.equals(TimeTravelSampler.NAME) && timesteps.size() == 2 && timesteps.get(1) == noise) {
            return new TimeTravelSampler(timesteps.get(0), buffers);
        }
        throw new IllegalArgumentException("sampler " + name
                + ": expected one-step with [1.0], two-step with [1.0, t] or time-travel with [t, 1.0], got "
                + timesteps);
    }
}
