package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/** One pass from noise to data: x = z - v(z, 1). (Seaweed-APT, equation 5.) */
public final class OneStepSampler implements Sampler {
    static final String NAME = "one-step";
    static final float NOISE_TIMESTEP = 1;

    private final BufferPool buffers;

    /** A sampler that takes its latents from this pool. */
    public OneStepSampler(BufferPool buffers) {
        this.buffers = buffers;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int steps() {
        return 1;
    }

    @Override
    public List<Latents> sample(Generator generator, List<Condition> conditions, long[] seeds) {
        return clean(generator, conditions, seeds).split();
    }

    /** The batch in one piece, for the caller to close. */
    LatentBatch clean(Generator generator, List<Condition> conditions, long[] seeds) {
        LatentBatch latents = noise(generator, conditions, seeds, buffers);
        toData(latents, NOISE_TIMESTEP, generator, conditions);
        return latents;
    }

    /** What every sampler starts from, for the caller to close. */
    static LatentBatch noise(Generator generator, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        if (seeds.length != conditions.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + conditions.size() + " prompts, got " + seeds.length);
        }
        return Noise.latents(seeds, Noise.INITIAL, generator.latentShape(), buffers);
    }

    /** One pass: makes x_t the clip that the generator's velocity there points to, or closes it. */
    static void toData(LatentBatch xt, float t, Generator generator, List<Condition> conditions) {
        try (LatentBatch velocity = generator.velocity(xt, t, conditions)) {
            Flow.toData(xt, t, velocity);
        } catch (Throwable e) {
            xt.close();
            throw e;
        }
    }
}
