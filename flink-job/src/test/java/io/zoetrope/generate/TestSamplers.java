package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.Collections;
import java.util.List;

/** The samplers of the shipped bundles, for tests: one generator, whose timesteps are the noise levels. */
public final class TestSamplers {
    public static final Schedule ONE_STEP = new Schedule(Schedule.Move.RENOISE, List.of(1f), List.of(1f));

    private TestSamplers() {}

    /** Returns the noise level of a model whose timesteps are its noise levels. */
    public static NoiseLevel at(float t) {
        return new NoiseLevel(t, t);
    }

    /** Returns two steps, the second from the noise level {@code inner}. */
    public static Schedule twoStep(float inner) {
        return new Schedule(Schedule.Move.RENOISE, List.of(1f, inner), List.of(1f, inner));
    }

    /** Returns a time travel whose first pass treats the noise as a point at {@code nearer}. */
    public static Schedule timeTravel(float nearer) {
        return new Schedule(Schedule.Move.TIME_TRAVEL, List.of(nearer, 1f), List.of(nearer, 1f));
    }

    /** Samples a batch with one generator for all passes. */
    public static List<Latents> sample(
            Schedule schedule,
            BufferPool buffers,
            Generator generator,
            LatentShape shape,
            List<Condition> conditions,
            long[] seeds) {
        return new Sampler(schedule, buffers)
                .sample(Collections.nCopies(schedule.steps(), generator), shape, conditions, seeds);
    }
}
