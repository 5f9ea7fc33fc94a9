package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * A sampler that adds noise to the one-step sample x0 up to an inner timestep t, and takes a second step to data:
 * x_t = (1 - t) x0 + t z', then x = x_t - t v(x_t, t). The second pass improves structure that is loose after one step.
 * (Seaweed-APT, section 3.5: two steps need no separate training.)
 */
public final class TwoStepSampler implements Sampler {
    static final String NAME = "two-step";

    private static final int SECOND_NOISE = 1;

    private final BufferPool buffers;
    private final float innerTimestep;

    /**
     * Creates a sampler.
     *
     * @param innerTimestep t, the timestep at which the second pass starts, in (0, 1)
     * @param buffers the pool of the latents
     * @throws IllegalArgumentException if the timestep is not in (0, 1)
     */
    public TwoStepSampler(float innerTimestep, BufferPool buffers) {
        this.innerTimestep = Flow.checkBetweenDataAndNoise(NAME + " sampler, inner timestep", innerTimestep);
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
            flow.toData(Flow.NOISE_TIMESTEP);
            flow.toNoise(innerTimestep, SECOND_NOISE);
            flow.toData(innerTimestep);
        });
    }
}
