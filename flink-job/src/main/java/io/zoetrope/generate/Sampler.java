package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * Turns noise into clean latents along a generator's velocity. The noise of a video comes from the video's seed, so a
 * video does not depend on the other videos of its batch.
 */
public interface Sampler {
    /** Returns the sampler's name in manifests and published videos. */
    String name();

    /** Returns the number of generator passes per video. */
    int steps();

    /**
     * Samples a batch of clips.
     *
     * @param conditions B conditions, with text of one padded length, with or without a first frame; the caller closes
     *     their memory
     * @param seeds one seed per condition, in the same order
     * @return the clean latents of each video, in the same order, for the caller to close
     * @throws IllegalArgumentException if the number of seeds is not that of the conditions
     */
    List<Latents> sample(Generator generator, List<Condition> conditions, long[] seeds);

    /**
     * Returns the sampler that a manifest names.
     *
     * @param name {@code one-step}, {@code two-step} or {@code time-travel}
     * @param timesteps the timestep of each pass: [1] for one-step, [1, t] for two-step, [t, 1] for time-travel
     * @param buffers the pool of the latents
     * @throws IllegalArgumentException if there is no sampler of this name, or it does not support these timesteps
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
