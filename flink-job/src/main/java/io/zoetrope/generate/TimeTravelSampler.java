package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * One step with two evaluations: x' = z - t' v(z, t') as if the noise z were nearer to the clip, at t' &lt; 1, then
 * x = x' - v(x', 1) as if that were noise. The second evaluation sees a draft where one step sees noise alone, and no
 * new noise comes in. (OSV, equation 11.)
 */
public final class TimeTravelSampler implements Sampler {
    static final String NAME = "time-travel";

    private final BufferPool buffers;
    private final float nearer;

    /**
     * Sets how near to the clip the noise is taken to be.
     *
     * @param nearer t', in (0, 1)
     * @param buffers where latents are taken from
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
