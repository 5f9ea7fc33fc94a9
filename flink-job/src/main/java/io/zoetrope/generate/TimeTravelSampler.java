package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * A sampler of one step with two evaluations. The first treats the noise z as a point nearer to the clip, at t' &lt; 1:
 * x' = z - t' v(z, t'). The second treats that draft as noise: x = x' - v(x', 1). So the second evaluation sees a
 * draft, where one step sees noise alone, and no new noise is added. (OSV, equation 11.)
 */
public final class TimeTravelSampler implements Sampler {
    static final String NAME = "time-travel";

    private final BufferPool buffers;
    private final float nearer;

    /**
     * Creates a sampler.
     *
     * @param nearer t', the timestep of the first evaluation, in (0, 1)
     * @param buffers the pool of the latents
     * @throws IllegalArgumentException if the timestep is not in (0, 1)
     */
    public TimeTravelSampler(float nearer, BufferPool buffers) {
        this.nearer = Flow.checkBetweenDataAndNoise(NAME + " sampler, nearer timestep", nearer);
        this.buffers = buffers;
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
    public List<Latents> sample(Generator generator, List<Condition> conditions, long[] seeds) {
        return Flow.fromNoise(generator, conditions, seeds, buffers, flow -> {
            flow.toData(nearer);
            flow.toData(Flow.NOISE_TIMESTEP);
        });
    }
}
