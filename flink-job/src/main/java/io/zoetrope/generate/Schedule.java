package io.zoetrope.generate;

import java.util.List;

/**
 * The passes of a sampler along the flow x_sigma = (1 - sigma) x + sigma z from a clip x to noise z.
 *
 * @param move how the latents change between two passes
 * @param timesteps the timestep that each pass gives to the generator, as the generator was trained with it; above 0
 * @param sigmas the noise level of each pass, in (0, 1]; they fall, or rise to 1 for {@link Move#TIME_TRAVEL}
 */
public record Schedule(Move move, List<Float> timesteps, List<Float> sigmas) {
    /** How the latents x change after a pass with the velocity v at sigma, where sigma' is the next noise level. */
    public enum Move {
        /** Moves along the velocity: x + (sigma' - sigma) v. */
        EULER,
        /**
         * Estimates the clip, x0 = x - sigma v, and adds new noise to it: (1 - sigma') x0 + sigma' z'. (Seaweed-APT,
         * section 3.5.)
         */
        RENOISE,
        /**
         * Estimates the clip, x0 = x - sigma v, and gives it to the next pass as if it were noise. (OSV, equation 11.)
         */
        TIME_TRAVEL
    }

    /** Throws an {@link IllegalArgumentException} if there is no pass, or not one timestep and one sigma per pass. */
    public Schedule {
        timesteps = List.copyOf(timesteps);
        sigmas = List.copyOf(sigmas);
        if (sigmas.isEmpty() || timesteps.size() != sigmas.size()) {
            throw new IllegalArgumentException("schedule: expected one timestep and one sigma per pass, got timesteps "
                    + timesteps + " and sigmas " + sigmas);
        }
    }

    /** Returns the number of generator passes. */
    public int steps() {
        return sigmas.size();
    }

    /** Returns the noise level after a pass, 0 after the last one. */
    float sigmaAfter(int pass) {
        return pass + 1 < sigmas.size() ? sigmas.get(pass + 1) : 0;
    }
}
