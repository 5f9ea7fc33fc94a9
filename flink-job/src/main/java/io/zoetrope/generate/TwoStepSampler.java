package io.zoetrope.generate;

import io.zoetrope.text.TextEmbedding;
import java.util.List;

/**
 * The one-step sample, noised again to an inner timestep t, and once more to data: x_t = (1 - t) x0 + t z', then
 * x = x_t - t v(x_t, t). It mends the structure that one step leaves loose. (Seaweed-APT, section 3.5: two steps need no
 * training of their own.)
 */
public final class TwoStepSampler implements Sampler {
    static final String NAME = "two-step";

    private static final int SECOND_NOISE = 1;

    private final Sampler first = new OneStepSampler();
    private final float innerTimestep;

    /**
     * Sets where the second pass starts.
     *
     * @param innerTimestep in (0, 1)
     * @throws IllegalArgumentException if it is not
     */
    public TwoStepSampler(float innerTimestep) {
        if (!(innerTimestep > 0 && innerTimestep < 1)) {
            throw new IllegalArgumentException(
                    "two-step sampler: expected an inner timestep between 0 and 1, got " + innerTimestep);
        }
        this.innerTimestep = innerTimestep;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int steps() {
        return 2;
    }

    @Override
    public Latents sample(Generator generator, List<TextEmbedding> text, long[] seeds) {
        Latents draft = first.sample(generator, text, seeds);
        Latents noise = Noise.latents(seeds, SECOND_NOISE, draft.shape());
        Latents noised = Flow.toNoise(draft, innerTimestep, noise);
        return Flow.toData(noised, innerTimestep, generator.velocity(noised, innerTimestep, text));
    }
}
