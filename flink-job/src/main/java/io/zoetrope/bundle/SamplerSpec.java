package io.zoetrope.bundle;

import java.util.List;

/**
 * A sampler that the generator was made for.
 *
 * @param name such as {@code one-step}
 * @param steps generator passes
 * @param timesteps where each pass starts, from noise, 1.0, down
 */
public record SamplerSpec(String name, int steps, List<Float> timesteps) {
    public SamplerSpec {
        timesteps = List.copyOf(timesteps);
    }
}
