package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.buffer.TestPools;
import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final LatentShape SHAPE = new LatentShape(2, 3, 4, 5);
    private static final double MEAN = 0.75;
    private static final float INNER = 0.6f;

    private final BufferPool buffers = new BufferPool(1 << 20);
    private final GaussianGenerator generator = new GaussianGenerator(SHAPE, MEAN, 0.5);

    @Test
    void oneStepFromPureNoiseIsTheMeanOfTheClips() {
        List<Latents> clean = new OneStepSampler(buffers).sample(generator, prompts(2), new long[] {1, 2});

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
        Latents clean = new TwoStepSampler(INNER, buffers)
                .sample(generator, prompts(1), new long[] {9})
                .get(0);

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
        Latents clean = new TimeTravelSampler(INNER, buffers)
                .sample(generator, prompts(1), new long[] {9})
                .get(0);

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
        for (Sampler sampler : samplers()) {
            FloatBuffer clean =
                    sampler.sample(single, prompts(1), new long[] {4}).get(0).values();
            for (int i = 0; i < SHAPE.size(); i++) {
                assertThat(clean.get(i)).as(sampler.name()).isCloseTo(-1.5f, within(1e-6f));
            }
        }
    }

    @Test
    void videoDoesNotDependOnItsNeighbours() {
        for (Sampler sampler : samplers()) {
            List<Latents> alone = sampler.sample(generator, prompts(1), new long[] {5});
            List<Latents> among = sampler.sample(generator, prompts(3), new long[] {8, 5, -2});

            assertThat(among.get(1).values()).isEqualTo(alone.get(0).values());
        }
    }

    @Test
    void everyPromptNeedsItsSeed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OneStepSampler(buffers).sample(generator, prompts(2), new long[] {1}))
                .withMessageContaining("2 prompts")
                .withMessageContaining("got 1");
    }

    @Test
    void velocityOfAnotherShapeIsRefused() {
        Generator foreign = new GaussianGenerator(SHAPE, 0, 1) {
            @Override
            public LatentBatch velocity(LatentBatch x, float t, List<Condition> conditions) {
                LatentShape other = new LatentShape(1, 1, 1, SHAPE.size());
                return LatentBatch.take(buffers, x.batch(), other);
            }
        };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OneStepSampler(buffers).sample(foreign, prompts(1), new long[] {1}))
                .withMessageContaining("channels=2")
                .withMessageContaining("channels=1");
        assertThat(buffers.outstanding()).isZero();
    }

    @Test
    void onlyTheResultHoldsMemory() {
        for (Sampler sampler : samplers()) {
            List<Latents> clean = sampler.sample(generator, prompts(3), new long[] {1, 2, 3});
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
                public LatentBatch velocity(LatentBatch x, float t, List<Condition> conditions) {
                    if (timesteps.size() == goodPasses) {
                        throw new IllegalStateException("planted");
                    }
                    return super.velocity(x, t, conditions);
                }
            };
            for (Sampler sampler : List.of(new TwoStepSampler(INNER, buffers), new TimeTravelSampler(INNER, buffers))) {
                broken.timesteps.clear();
                assertThatIllegalStateException().isThrownBy(() -> sampler.sample(broken, prompts(1), new long[] {1}));
                assertThat(buffers.outstanding()).isZero();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"one-step, 2", "two-step, 4", "time-travel, 3"})
    void lackOfMemoryAtAnyTakeLeaksNoMemory(String name, int takes) {
        List<Float> timesteps = switch (name) {
            case "two-step" -> List.of(1f, INNER);
            case "time-travel" -> List.of(INNER, 1f);
            default -> List.of(1f);
        };
        for (int take = 0; take <= takes; take++) {
            BufferPool pool = TestPools.withoutMemoryAt(take);
            Generator sharing = new GaussianGenerator(SHAPE, 0, 1, pool);
            Sampler sampler = Sampler.of(name, timesteps, pool);
            if (take < takes) {
                assertThatExceptionOfType(OutOfMemoryError.class)
                        .isThrownBy(() -> sampler.sample(sharing, prompts(2), new long[] {1, 2}))
                        .withMessage("planted at take " + take);
            } else {
                Pooled.closeAll(sampler.sample(sharing, prompts(2), new long[] {1, 2}));
            }
            assertThat(pool.outstanding()).as("at take %s", take).isZero();
        }
    }

    @Test
    void manifestNamesFindTheirSampler() {
        assertThat(Sampler.of("one-step", List.of(1f), buffers))
                .isInstanceOf(OneStepSampler.class)
                .extracting(Sampler::name, Sampler::steps)
                .containsExactly("one-step", 1);
        assertThat(Sampler.of("time-travel", List.of(INNER, 1f), buffers))
                .isInstanceOf(TimeTravelSampler.class)
                .extracting(Sampler::name, Sampler::steps)
                .containsExactly("time-travel", 2);
        assertThat(Sampler.of("two-step", List.of(1f, INNER), buffers))
                .isInstanceOf(TwoStepSampler.class)
                .extracting(Sampler::name, Sampler::steps)
                .containsExactly("two-step", 2);
    }

    @Test
    void samplerThatCannotWorkIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampler.of("three-step", List.of(1f, 0.6f, 0.3f), buffers))
                .withMessageContaining("three-step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampler.of("one-step", List.of(1f, 0.6f), buffers))
                .withMessageContaining("[1.0, 0.6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampler.of("one-step", List.of(0.9f), buffers))
                .withMessageContaining("one-step with [1.0]");
        assertThatIllegalArgumentException().isThrownBy(() -> Sampler.of("two-step", List.of(0.9f, 1f), buffers));
        assertThatIllegalArgumentException().isThrownBy(() -> Sampler.of("time-travel", List.of(1f, 0.9f), buffers));
        assertThatIllegalArgumentException().isThrownBy(() -> Sampler.of("one-step", List.of(), buffers));
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 1, -0.5f, Float.NaN})
    void innerTimestepIsBetweenDataAndNoise(float inner) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TwoStepSampler(inner, buffers))
                .withMessageContaining("between 0 and 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TimeTravelSampler(inner, buffers))
                .withMessageContaining("between 0 and 1");
    }

    private List<Sampler> samplers() {
        return List.of(
                new OneStepSampler(buffers), new TwoStepSampler(INNER, buffers), new TimeTravelSampler(INNER, buffers));
    }

    private static List<Condition> prompts(int count) {
        return Collections.nCopies(
                count, Condition.ofText(new TextEmbedding(TestBuffers.floats(new float[16]), 1, 16)));
    }
}
