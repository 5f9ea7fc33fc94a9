package io.zoetrope.generate;

import io.zoetrope.text.TextEmbedding;
import java.util.List;

/** One pass from noise to data: x = z - v(z, 1). (Seaweed-APT, equation 5.) */
public final class OneStepSampler implements Sampler {
    static final String NAME = "one-step";
    static final float NOISE_TIMESTEP = 1;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int steps() {
        return 1;
    }

    @Override
    public Latents sample(Generator generator, List<TextEmbedding> text, long[] seeds) {
        if (seeds.length != text.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + text.size() + " prompts, got " + seeds.length);
        }
        Latents noise = Noise.latents(seeds, Noise.INITIAL, generator.latentShape());
        return Flow.toData(noise, NOISE_TIMESTEP, generator.velocity(noise, NOISE_TIMESTEP, text));
    }
}
