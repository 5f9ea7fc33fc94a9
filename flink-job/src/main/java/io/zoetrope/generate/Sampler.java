package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.util.List;

/**
 * Turns noise into clean latents along a generator's velocity. The noise of a video comes from the video's seed, so a
 * video does not depend on the other videos of its batch.
 *
 * <p>The first pass starts from sigma z, where z is the noise and sigma the first noise level, and each pass is
 * followed by the schedule's {@link Schedule.Move}. The noise that is added after pass k is stream k of the video's
 * seed. One step, x = z - v(z, 1), is the schedule with the single sigma 1 (Seaweed-APT, equation 5).
 */
public final class Sampler {
    private final Schedule schedule;
    private final BufferPool buffers;

    /**
     * Creates a sampler.
     *
     * @param buffers the pool of the latents
     */
    public Sampler(Schedule schedule, BufferPool buffers) {
        this.schedule = schedule;
        this.buffers = buffers;
    }

    /**
     * Samples a batch of clips.
     *
     * @param generators the generator of each pass
     * @param shape the shape of each video's latents
     * @param conditions B conditions, with text of one padded length, with or without a first frame; the caller closes
     *     their memory
     * @param seeds one seed per condition, in the same order
     * @return the clean latents of each video, in the same order, for the caller to close
     * @throws IllegalArgumentException if the number of seeds is not that of the conditions, or the number of
     *     generators not that of the passes
     */
    public List<Latents> sample(
            List<Generator> generators, LatentShape shape, List<Condition> conditions, long[] seeds) {
        if (generators.size() != schedule.steps()) {
            throw new IllegalArgumentException("sampler: expected a generator for each of " + schedule.steps()
                    + " passes, got " + generators.size());
        }
        try (Flow flow = generators.get(0).startFlow(shape, conditions, seeds, buffers)) {
            if (schedule.move() != Schedule.Move.TIME_TRAVEL) {
                flow.scale(schedule.sigmas().get(0));
            }
            for (int pass = 0; pass < schedule.steps(); pass++) {
                pass(flow, generators.get(pass), pass);
            }
            return flow.takeClips();
        }
    }

    private void pass(Flow flow, Generator generator, int pass) {
        float sigma = schedule.sigmas().get(pass);
        NoiseLevel level = new NoiseLevel(schedule.timesteps().get(pass), sigma);
        float next = schedule.sigmaAfter(pass);
        switch (schedule.move()) {
            case EULER -> flow.moveAlongVelocity(generator, level, next - sigma);
            case RENOISE -> {
                flow.moveAlongVelocity(generator, level, -sigma);
                if (next > 0) {
                    flow.addNoise(next, pass + 1);
                }
            }
            case TIME_TRAVEL -> flow.moveAlongVelocity(generator, level, -sigma);
        }
    }
}
