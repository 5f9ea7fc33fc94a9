package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * A batch of videos on the straight flow x_t = (1 - t) x + t z between a clip x and noise z, with the generator's
 * velocity v = z - x. A sampler is a sequence of steps along it; each step changes the latents in place.
 */
final class Flow implements AutoCloseable {
    /** The timestep of pure noise. */
    static final float NOISE_TIMESTEP = 1;

    private final Generator generator;
    private final List<Condition> conditions;
    private final long[] seeds;
    private final BufferPool buffers;
    private final LatentBatch latents;

    private Flow(Generator generator, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        this.generator = generator;
        this.conditions = conditions;
        this.seeds = seeds;
        this.buffers = buffers;
        latents = Noise.latents(seeds, Noise.INITIAL, generator.latentShape(), buffers);
    }

    /**
     * Starts a batch from noise, runs a sampler's steps on it and returns the latents of each video. If a step throws,
     * returns the memory to the pool.
     *
     * @param seeds one seed per condition
     * @param buffers the pool of the latents
     * @param steps the steps that turn the noise into clips
     * @return the latents after all steps, in the order of the conditions, for the caller to close
     * @throws IllegalArgumentException if the number of seeds is not that of the conditions
     */
    static List<Latents> fromNoise(
            Generator generator, List<Condition> conditions, long[] seeds, BufferPool buffers, Consumer<Flow> steps) {
        if (seeds.length != conditions.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + conditions.size() + " prompts, got " + seeds.length);
        }
        try (Flow flow = new Flow(generator, conditions, seeds, buffers)) {
            steps.accept(flow);
            return flow.latents.split();
        }
    }

    /** Replaces x_t by the clip that the generator's velocity at t points to: x = x_t - t v(x_t, t). */
    void toData(float t) {
        try (LatentBatch velocity = generator.velocity(latents, t, conditions)) {
            combine(1, -t, velocity);
        }
    }

    /**
     * Replaces the clip x by a point on its way to new noise z: x_t = (1 - t) x + t z.
     *
     * @param stream the number of the noise, from 1 (see {@link Noise#latents})
     */
    void toNoise(float t, int stream) {
        try (LatentBatch noise = Noise.latents(seeds, stream, latents.shape(), buffers)) {
            combine(1 - t, t, noise);
        }
    }

    /** Replaces the latents a by factor a + otherFactor b, in float32. */
    private void combine(float factor, float otherFactor, LatentBatch other) {
        if (latents.batch() != other.batch() || !latents.shape().equals(other.shape())) {
            throw new IllegalArgumentException("latents: expected " + latents.batch() + " x " + latents.shape()
                    + ", the generator gave " + other.batch() + " x " + other.shape());
        }
        FloatBuffer a = latents.writable();
        FloatBuffer b = other.writable();
        int count = a.capacity();
        for (int i = 0; i < count; i++) {
            a.put(i, factor * a.get(i) + otherFactor * b.get(i));
        }
    }

    /**
     * Checks a timestep that has to be between data, 0, and noise, 1.
     *
     * @param what the sampler and its parameter, for the error
     * @return the timestep
     * @throws IllegalArgumentException if the timestep is not in (0, 1)
     */
    static float checkBetweenDataAndNoise(String what, float t) {
        if (!(t > 0 && t < 1)) {
            throw new IllegalArgumentException(what + ": expected a timestep between 0 and 1, got " + t);
        }
        return t;
    }

    @Override
    public void close() {
        latents.close();
    }
}
