package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.buffer.TestPools;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {
    private static final LatentShape SHAPE = new LatentShape(2, 3, 4, 5);
    private static final double MEAN = 0.75;
    private static final float INNER = 0.6f;
    private static final Schedule EULER =
            new Schedule(Schedule.Move.EULER, List.of(960f, 700f, 333f), List.of(0.96f, 0.7f, 0.333f));
    private static final List<Schedule> SCHEDULES =
            List.of(TestSamplers.ONE_STEP, TestSamplers.twoStep(INNER), TestSamplers.timeTravel(INNER));

    private final BufferPool buffers = new BufferPool(1 << 20);
    private final GaussianGenerator generator = new GaussianGenerator(SHAPE, MEAN, 0.5);

    @Test
    void oneStepFromPureNoiseIsTheMeanOfTheClips() {
        List<Latents> clean = sample(TestSamplers.ONE_STEP, generator, prompts(2), 1, 2);

        assertThat(clean).hasSize(2);
        for (Latents video : clean) {
            for (int i = 0; i < SHAPE.size(); i++) {
                assertThat(video.values().get(i)).isCloseTo((float) MEAN, within(1e-6f));
            }
        }
        assertThat(generator.timesteps).containsExactly(1f);
    }

    @Test
    void twoStepsAreTheExpectedClipGivenTheSecondNoise() {
        Latents clean =
                sample(TestSamplers.twoStep(INNER), generator, prompts(1), 9).get(0);

        FloatBuffer secondNoise =
                Noise.latents(new long[] {9}, 1, SHAPE, buffers).values();
        for (int i = 0; i < SHAPE.size(); i++) {
            double noised = (1 - INNER) * MEAN + INNER * secondNoise.get(i);
            double expected = generator.expectedClip(noised, INNER);
            assertThat((double) clean.values().get(i)).isCloseTo(expected, within(1e-6));
        }
        assertThat(generator.timesteps).containsExactly(1f, INNER);
    }

    @Test
    void timeTravelTreatsItsDraftAsNoise() {
        Latents clean =
                sample(TestSamplers.timeTravel(INNER), generator, prompts(1), 9).get(0);

        FloatBuffer noise =
                Noise.latents(new long[] {9}, Noise.INITIAL, SHAPE, buffers).values();
        FloatBuffer draft = generator.inputs.get(1);
        for (int i = 0; i < SHAPE.size(); i++) {
            assertThat((double) draft.get(i)).isCloseTo(generator.expectedClip(noise.get(i), INNER), within(1e-6));
            assertThat((double) clean.values().get(i)).isCloseTo(generator.expectedClip(draft.get(i), 1), within(1e-6));
        }
        assertThat(generator.timesteps).containsExactly(INNER, 1f);
    }

    @Test
    void whenThereIsOnlyOneClipEverySamplerFindsIt() {
        Generator single = new GaussianGenerator(SHAPE, -1.5, 0);
        for (Schedule schedule : SCHEDULES) {
            FloatBuffer clean = sample(schedule, single, prompts(1), 4).get(0).values();
            for (int i = 0; i < SHAPE.size(); i++) {
                assertThat(clean.get(i)).as(schedule.toString()).isCloseTo(-1.5f, within(1e-6f));
            }
        }
    }

    @Test
    void videoDoesNotDependOnItsNeighbours() {
        for (Schedule schedule : SCHEDULES) {
            List<Latents> alone = sample(schedule, generator, prompts(1), 5);
            List<Latents> among = sample(schedule, generator, prompts(3), 8, 5, -2);

            assertThat(among.get(1).values()).isEqualTo(alone.get(0).values());
        }
    }

    @Test
    void everyPromptNeedsItsSeed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sample(TestSamplers.ONE_STEP, generator, prompts(2), 1))
                .withMessageContaining("2 prompts")
                .withMessageContaining("got 1");
    }

    @Test
    void velocityOfAnotherShapeIsRefused() {
        Generator foreign = new GaussianGenerator(SHAPE, 0, 1) {
            @Override
            public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
                LatentShape other = new LatentShape(1, 1, 1, SHAPE.size());
                return LatentBatch.take(buffers, x.batch(), other);
            }
        };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> sample(TestSamplers.ONE_STEP, foreign, prompts(1), 1))
                .withMessageContaining("channels=2")
                .withMessageContaining("channels=1");
        assertThat(buffers.outstanding()).isZero();
    }

    @Test
    void onlyTheResultHoldsMemory() {
        for (Schedule schedule : SCHEDULES) {
            List<Latents> clean = sample(schedule, generator, prompts(3), 1, 2, 3);
            assertThat(buffers.outstanding()).isEqualTo(1);
            Pooled.closeAll(clean);
            assertThat(buffers.outstanding()).isZero();
        }
    }

    @Test
    void aFailedGeneratorLeaksNoMemory() {
        for (int failing = 1; failing <= 2; failing++) {
            int goodPasses = failing - 1;
            GaussianGenerator broken = new GaussianGenerator(SHAPE, 0, 1) {
                @Override
                public LatentBatch velocity(LatentBatch x, NoiseLevel level, List<Condition> conditions) {
                    if (timesteps.size() == goodPasses) {
                        throw new IllegalStateException("planted");
                    }
                    return super.velocity(x, level, conditions);
                }
            };
            for (Schedule schedule : List.of(TestSamplers.twoStep(INNER), TestSamplers.timeTravel(INNER))) {
                broken.timesteps.clear();
                assertThatIllegalStateException().isThrownBy(() -> sample(schedule, broken, prompts(1), 1));
                assertThat(buffers.outstanding()).isZero();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("schedulesAndTakes")
    void lackOfMemoryAtAnyTakeLeaksNoMemory(Schedule schedule, int takes) {
        for (int take = 0; take <= takes; take++) {
            BufferPool pool = TestPools.withoutMemoryAt(take);
            Generator sharing = new GaussianGenerator(SHAPE, 0, 1, pool);
            if (take < takes) {
                assertThatExceptionOfType(OutOfMemoryError.class)
                        .isThrownBy(() ->
                                TestSamplers.sample(schedule, pool, sharing, SHAPE, prompts(2), new long[] {1, 2}))
                        .withMessage("planted at take " + take);
            } else {
                Pooled.closeAll(TestSamplers.sample(schedule, pool, sharing, SHAPE, prompts(2), new long[] {1, 2}));
            }
            assertThat(pool.outstanding()).as("at take %s", take).isZero();
        }
    }

    /** The number of buffers that a sampler takes: the noise, and one per velocity and new noise. */
    static Stream<Arguments> schedulesAndTakes() {
        return Stream.of(
                arguments(TestSamplers.ONE_STEP, 2),
                arguments(TestSamplers.twoStep(INNER), 4),
                arguments(TestSamplers.timeTravel(INNER), 3),
                arguments(EULER, 4));
    }

    @Test
    void eulerMovesAlongTheVelocityFromTheScaledNoise() {
        GaussianGenerator zero = new GaussianGenerator(SHAPE, 0, 0) {
            @Override
            double expectedClip(double xt, double t) {
                return xt - t; // the velocity is 1
            }
        };

        Latents clean = sample(EULER, zero, prompts(1), 9).get(0);

        FloatBuffer noise =
                Noise.latents(new long[] {9}, Noise.INITIAL, SHAPE, buffers).values();
        for (int i = 0; i < SHAPE.size(); i++) {
            assertThat(clean.values().get(i)).isCloseTo(0.96f * noise.get(i) - 0.96f, within(1e-6f));
            assertThat(zero.inputs.get(1).get(i)).isCloseTo(0.96f * noise.get(i) - 0.26f, within(1e-6f));
        }
    }

    @Test
    void aGeneratorGetsTheTimestepsAndNotTheSigmas() {
        sample(EULER, generator, prompts(1), 9);

        assertThat(generator.timesteps).containsExactly(960f, 700f, 333f);
    }

    @Test
    void everyPassHasItsGenerator() {
        GaussianGenerator high = new GaussianGenerator(SHAPE, MEAN, 0.5);
        GaussianGenerator low = new GaussianGenerator(SHAPE, MEAN, 0.5);

        new Sampler(EULER, buffers).sample(List.of(high, low, low), SHAPE, prompts(1), new long[] {1});

        assertThat(high.timesteps).containsExactly(960f);
        assertThat(low.timesteps).containsExactly(700f, 333f);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new Sampler(EULER, buffers).sample(List.of(high, low), SHAPE, prompts(1), new long[] {1}))
                .withMessageContaining("each of 3 passes")
                .withMessageContaining("got 2");
    }

    @Test
    void eachRenoisingHasItsOwnStream() {
        Schedule threeSteps =
                new Schedule(Schedule.Move.RENOISE, List.of(1000f, 757f, 522f), List.of(1f, 0.7567567f, 0.5217391f));
        Generator single = new GaussianGenerator(SHAPE, 0, 0) {
            @Override
            double expectedClip(double xt, double t) {
                return xt; // the velocity is 0
            }
        };
        Latents clean = sample(threeSteps, single, prompts(1), 9).get(0);

        FloatBuffer first = noise(0);
        FloatBuffer second = noise(1);
        FloatBuffer third = noise(2);
        for (int i = 0; i < SHAPE.size(); i++) {
            float afterFirst = (1 - 0.7567567f) * first.get(i) + 0.7567567f * second.get(i);
            float expected = (1 - 0.5217391f) * afterFirst + 0.5217391f * third.get(i);
            assertThat(clean.values().get(i)).isCloseTo(expected, within(1e-6f));
        }
    }

    private FloatBuffer noise(int stream) {
        return Noise.latents(new long[] {9}, stream, SHAPE, buffers).values();
    }

    @Test
    void aScheduleHasOneTimestepAndOneSigmaPerPass() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Schedule(Schedule.Move.EULER, List.of(1f), List.of(1f, 0.5f)))
                .withMessageContaining("timesteps [1.0] and sigmas [1.0, 0.5]");
        assertThatIllegalArgumentException().isThrownBy(() -> new Schedule(Schedule.Move.EULER, List.of(), List.of()));
    }

    private List<Latents> sample(Schedule schedule, Generator model, List<Condition> conditions, long... seeds) {
        return TestSamplers.sample(schedule, buffers, model, SHAPE, conditions, seeds);
    }

    private static List<Condition> prompts(int count) {
        return Collections.nCopies(
                count, Condition.ofText(new TextEmbedding(TestBuffers.floats(new float[16]), 1, 16)));
    }
}
