package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;
import java.util.function.Consumer;

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
        return fromNoise(
                generator,
                conditions,
                seeds,
                buffers,
                latents -> toData(latents, NOISE_TIMESTEP, generator, conditions));
    }

    /**
     * What every sampler does: starts from noise, and gives each video's part of it when {@code passes} have made it clean
     * in place. On a fault of any of them nothing stays taken.
     */
    static List<Latents> fromNoise(
            Generator generator,
            List<Condition> conditions,
            long[] seeds,
            BufferPool buffers,
            Consumer<LatentBatch> passes) {
        if (seeds.length != conditions.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + conditions.size() + " prompts, got " + seeds.length);
        }
        LatentBatch latents = Noise.latents(seeds, Noise.INITIAL, generator.latentShape(), buffers);
        try {
            passes.accept(latents);
            return latents.split();
        } catch (Throwable e) {
            latents.close();
            throw e;
        }
    }

    /** One pass: makes x_t the clip that the generator's velocity there points to. */
    static void toData(LatentBatch xt, float t, Generator generator, List<Condition> conditions) {
        try (LatentBatch velocity = generator.velocity(xt, t, conditions)) {
            Flow.toData(xt, t, velocity);
        }
    }
}
