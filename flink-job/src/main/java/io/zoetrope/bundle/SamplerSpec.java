package io.zoetrope.bundle;

import java.util.List;

/**
 * A sampler that the generator was trained for.
 *
 * @param name the sampler's name, such as {@code one-step}
 * @param kind how the latents change between two passes
 * @param timesteps the timestep that each generator pass gets
 * @param sigmas the noise level of each pass; 1.0 is noise
 * @param generators the name of the generator of each pass
 */
public record SamplerSpec(String name, Kind kind, List<Float> timesteps, List<Float> sigmas, List<String> generators) {
    /** How the latents change between two passes. */
    public enum Kind {
        /** They move along the velocity. */
        EULER,
        /** The clip is estimated, and new noise is added to it. */
        RENOISE,
        /** The clip is estimated, and the next pass gets it as if it were noise. */
        TIME_TRAVEL
    }

    public SamplerSpec {
        timesteps = List.copyOf(timesteps);
        sigmas = List.copyOf(sigmas);
        generators = List.copyOf(generators);
    }

    /** Returns the number of generator passes, by which events select the sampler. */
    public int steps() {
        return timesteps.size();
    }
}
