package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * A batch of videos on the straight flow x_sigma = (1 - sigma) x + sigma z between a clip x and noise z, where the
 * generator's velocity is v = z - x. A sampler is a sequence of moves along it; each changes the latents in place.
 */
final class Flow implements AutoCloseable {
    private final List<Condition> conditions;
    private final long[] seeds;
    private final BufferPool buffers;
    private final LatentBatch latents;

    private Flow(LatentShape shape, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        this.conditions = conditions;
        this.seeds = seeds;
        this.buffers = buffers;
        latents = Noise.latents(seeds, Noise.INITIAL, shape, buffers);
    }

    /**
     * Starts a batch from noise.
     *
     * @param seeds one seed per condition
     * @param buffers the pool of the latents
     * @throws IllegalArgumentException if the number of seeds is not that of the conditions
     */
    static Flow fromNoise(LatentShape shape, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        if (seeds.length != conditions.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + conditions.size() + " prompts, got " + seeds.length);
        }
        return new Flow(shape, conditions, seeds, buffers);
    }

    /** Multiplies the latents by a factor. */
    void scale(float factor) {
        if (factor == 1) {
            return;
        }
        FloatBuffer values = latents.writable();
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, factor * values.get(i));
        }
    }

    /** Replaces x by x + distance v(x). */
    void moveAlongVelocity(Generator generator, NoiseLevel level, float distance) {
        try (LatentBatch velocity = generator.velocity(latents, level, conditions)) {
            combine(1, distance, velocity);
        }
    }

    /**
     * Replaces the clip x by a point on its way to new noise z: (1 - sigma) x + sigma z.
     *
     * @param stream the number of the noise, from 1 (see {@link Noise#latents})
     */
    void addNoise(float sigma, int stream) {
        try (LatentBatch noise = Noise.latents(seeds, stream, latents.shape(), buffers)) {
            combine(1 - sigma, sigma, noise);
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

    /** Returns the latents of each video, which keep the batch's memory after this flow is closed. */
    List<Latents> takeClips() {
        return latents.split();
    }

    /** Returns the memory of the latents to the pool, unless the clips have taken it. */
    @Override
    public void close() {
        latents.close();
    }
}
