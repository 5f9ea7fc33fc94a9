package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/** A sampler of one pass from noise to data: x = z - v(z, 1). (Seaweed-APT, equation 5.) */
public final class OneStepSampler implements Sampler {
    static final String NAME = "one-step";

    private final BufferPool buffers;

    /**
     * Creates a sampler.
     *
     * @param buffers the pool of the latents
     */
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
        return Flow.fromNoise(generator, conditions, seeds, buffers, flow -> flow.toData(Flow.NOISE_TIMESTEP));
    }
}
