package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * The one-step sample, noised again to an inner timestep t, and once more to data: x_t = (1 - t) x0 + t z', then
 * x = x_t - t v(x_t, t). It mends the structure that one step leaves loose. (Seaweed-APT, section 3.5: two steps need no
 * training of their own.)
 */
public final class TwoStepSampler implements Sampler {
    static final String NAME = "two-step";

    private static final int SECOND_NOISE = 1;

    private final BufferPool buffers;
    private final float innerTimestep;

    /**
     * Sets where the second pass starts.
     *
     * @param innerTimestep in (0, 1)
     * @param buffers where latents are taken from
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
