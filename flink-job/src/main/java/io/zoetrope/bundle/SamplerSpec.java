package io.zoetrope.bundle;

import java.util.List;

/**
 * A sampler that the generator was trained for.
 *
 * @param name the sampler's name, such as {@code one-step}
 * @param steps the number of generator passes
 * @param timesteps the timestep of each pass; 1.0 is noise
 */
public record SamplerSpec(String name, int steps, List<Float> timesteps) {
    public SamplerSpec {
        timesteps = List.copyOf(timesteps);
    }
}
