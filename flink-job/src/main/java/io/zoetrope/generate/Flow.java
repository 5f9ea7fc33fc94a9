package io.zoetrope.generate;

import java.util.List;

/**
 * A batch of videos on the straight flow x_sigma = (1 - sigma) x + sigma z between a clip x and noise z, where the
 * generator's velocity is v = z - x. A sampler is a sequence of moves along it; each changes the latents in place, where
 * the generator computes.
 */
public interface Flow extends AutoCloseable {
    /** Multiplies the latents by a factor. */
    void scale(float factor);

    /**
     * Replaces x by x + distance v(x).
     *
     * @param generator computes v; of the same model, device and runtime as the generator that started the flow
     */
    void moveAlongVelocity(Generator generator, NoiseLevel level, float distance);

    /**
     * Replaces the clip x by a point on its way to new noise z: (1 - sigma) x + sigma z.
     *
     * @param stream the number of the noise, from 1 (see {@link Noise#latents})
     */
    void addNoise(float sigma, int stream);

    /** Returns the latents of each video, which keep the batch's memory after this flow is closed. */
    List<Latents> takeClips();

    /** Frees the memory of the latents, unless the clips have taken it. */
    @Override
    void close();
}
