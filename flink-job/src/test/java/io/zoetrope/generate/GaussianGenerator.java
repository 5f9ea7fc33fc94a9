package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A generator that computes the exact velocity for clips whose numbers are independent and N(mean, deviation^2): with
 * x_t = (1 - t) x + t z, E[x | x_t] = mean + (1 - t) deviation^2 / ((1 - t)^2 deviation^2 + t^2) (x_t - (1 - t) mean),
 * and v = (x_t - E[x | x_t]) / t.
 */
class GaussianGenerator implements Generator {
    private final BufferPool buffers;
    private final LatentShape shape;
    private final double mean;
    private final double deviation;
    final List<Float> timesteps = new ArrayList<>();
    /** The x of each pass. */
    final List<FloatBuffer> inputs = new ArrayList<>();

    GaussianGenerator(LatentShape shape, double mean, double deviation) {
        this(shape, mean, deviation, new BufferPool(0));
    }

    /** Creates a generator that takes its velocities from the given pool. */
    GaussianGenerator(LatentShape shape, double mean, double deviation, BufferPool buffers) {
        this.buffers = buffers;
        this.shape = shape;
        this.mean = mean;
        this.deviation = deviation;
    }

    @Override
    public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
        float t = level.sigma();
        timesteps.add(level.timestep());
        FloatBuffer values = x.values();
        inputs.add(FloatBuffer.allocate(values.remaining()).put(x.values()).flip());
        LatentBatch velocities = LatentBatch.take(buffers, x.batch(), shape);
        FloatBuffer velocity = velocities.writable();
        for (int i = 0; i < velocity.capacity(); i++) {
            velocity.put(i, (float) ((values.get(i) - expectedClip(values.get(i), t)) / t));
        }
        return velocities;
    }

    double expectedClip(double xt, double t) {
        double share = (1 - t) * deviation * deviation / ((1 - t) * (1 - t) * deviation * deviation + t * t);
        return mean + share * (xt - (1 - t) * mean);
    }

    @Override
    public long fileBytes() {
        return 0;
    }

    @Override
    public void close() {}
}
