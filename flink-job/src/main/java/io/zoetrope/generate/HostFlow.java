package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.List;

/** A flow whose latents are on the host. */
final class HostFlow implements Flow {
    private final List<Condition> conditions;
    private final long[] seeds;
    private final BufferPool buffers;
    private final LatentBatch latents;

    private HostFlow(LatentShape shape, List<Condition> conditions, long[] seeds, BufferPool buffers) {
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
    static HostFlow fromNoise(LatentShape shape, List<Condition> conditions, long[] seeds, BufferPool buffers) {
        if (seeds.length != conditions.size()) {
            throw new IllegalArgumentException(
                    "sampler: expected a seed for each of " + conditions.size() + " prompts, got " + seeds.length);
        }
        return new HostFlow(shape, conditions, seeds, buffers);
    }

    @Override
    public void scale(float factor) {
        if (factor == 1) {
            return;
        }
        FloatBuffer values = latents.writable();
        for (int i = 0; i < values.capacity(); i++) {
            values.put(i, factor * values.get(i));
        }
    }

    @Override
    public void moveAlongVelocity(Generator generator, NoiseLevel level, float distance) {
        try (LatentBatch velocity = generator.velocity(latents, level, conditions)) {
            combine(1, distance, velocity);
        }
    }

    @Override
    public void addNoise(float sigma, int stream) {
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

    @Override
    public List<Latents> takeClips() {
        return latents.split();
    }

    @Override
    public void close() {
        latents.close();
    }
}
