package io.zoetrope.scaling;

import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.PromptRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A synthesised day of prompts for one model of three shapes. Drafts and usual prompts follow the hours of an office:
 * Poisson arrivals, whose rate peaks at 14:00. Finals come in bursts: one an hour from 1:00 to 5:00, from a render queue,
 * and six at random times, from people who send all scenes at once.
 *
 * @param prompts the prompts in the order of their arrival
 */
record DayOfPrompts(List<Arrival> prompts) {
    static final int SECONDS = 24 * 60 * 60;
    static final ModelLimits MODEL = new ModelLimits(
            "model",
            List.of(4, 1, 8),
            List.of(new ModelLimits.Size(832, 480), new ModelLimits.Size(1280, 704)),
            List.of(81, 25, 121),
            ModelLimits.FirstFrameUse.REFUSED);

    private static final PromptRequest DRAFT = request(1, 832, 480, 25);
    private static final PromptRequest USUAL = request(4, 832, 480, 81);
    private static final PromptRequest FINAL = request(8, 1280, 704, 121);

    private static final double DRAFTS_PER_SECOND = 2.0;
    private static final double USUAL_PER_SECOND = 0.8;
    private static final int FINALS_OF_A_BURST = 80;
    private static final int BURSTS_BY_NIGHT = 5;
    private static final int BURSTS_BY_DAY = 6;
    /** The spread of the real time of a request around the one that its work predicts: the sigma of a log-normal. */
    private static final double SPREAD = 0.15;

    /**
     * A prompt.
     *
     * @param seconds the time of its arrival, from midnight on
     * @param work its work in usual requests, as the job computes it
     * @param realWork the work that it turns out to be
     */
    record Arrival(double seconds, double work, double realWork) {}

    /**
     * Generates a day.
     *
     * @param exponent the real work is the computed one to this power; 1 if it is right. Attention over many tokens grows
     *     faster than the number of tokens, which the job does not know
     */
    static DayOfPrompts generate(long seed, double exponent) {
        Random random = new Random(seed);
        List<Arrival> all = new ArrayList<>();
        office(random, DRAFTS_PER_SECOND, DRAFT, exponent, all);
        office(random, USUAL_PER_SECOND, USUAL, exponent, all);
        for (int i = 0; i < BURSTS_BY_NIGHT; i++) {
            burst(random, (1 + i) * 3600.0, exponent, all);
        }
        for (int i = 0; i < BURSTS_BY_DAY; i++) {
            burst(random, random.nextDouble() * SECONDS, exponent, all);
        }
        all.sort(Comparator.comparingDouble(Arrival::seconds));
        return new DayOfPrompts(List.copyOf(all));
    }

    private static void office(Random random, double peak, PromptRequest request, double exponent, List<Arrival> all) {
        for (double now = wait(random, peak); now < SECONDS; now += wait(random, peak)) {
            double fromPeak = (now / 3600 - 14) / 4;
            double share = 0.05 + 0.95 * StrictMath.exp(-fromPeak * fromPeak);
            if (random.nextDouble() < share) { // thinning: a Poisson process whose rate is a share of the peak's
                all.add(arrival(random, now, request, exponent));
            }
        }
    }

    private static void burst(Random random, double start, double exponent, List<Arrival> all) {
        for (int i = 0; i < FINALS_OF_A_BURST; i++) {
            all.add(arrival(random, start + i / 10.0, FINAL, exponent));
        }
    }

    private static Arrival arrival(Random random, double seconds, PromptRequest request, double exponent) {
        double work = MODEL.work(request);
        double real = StrictMath.pow(work, exponent) * StrictMath.exp(SPREAD * random.nextGaussian());
        return new Arrival(seconds, work, real);
    }

    private static double wait(Random random, double perSecond) {
        return -StrictMath.log(1 - random.nextDouble()) / perSecond;
    }

    private static PromptRequest request(int steps, int width, int height, int frames) {
        return new PromptRequest(
                "request",
                "a red circle",
                Optional.empty(),
                Optional.empty(),
                steps,
                Optional.of(width),
                Optional.of(height),
                Optional.of(frames),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }

    /** Returns the work of all prompts, in usual requests. */
    double work() {
        return prompts.stream().mapToDouble(Arrival::realWork).sum();
    }
}
