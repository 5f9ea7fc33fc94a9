package io.zoetrope.generate;

/**
 * The place of a generator's pass on the flow x_sigma = (1 - sigma) x + sigma z from a clip x to noise z.
 *
 * @param timestep the number that the generator was trained to get for it, above 0
 * @param sigma the noise level, in (0, 1]; 1 is noise
 */
public record NoiseLevel(float timestep, float sigma) {}
