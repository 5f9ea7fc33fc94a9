package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.text.TextEmbedding;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {
    private static final LatentShape SHAPE = new LatentShape(2, 3, 4, 5);
    private static final double MEAN = 0.75;
    private static final float INNER = 0.6f;

    private final GaussianGenerator generator = new GaussianGenerator(SHAPE, MEAN, 0.5);

    @Test
    void oneStepFromPureNoiseIsTheMeanOfTheClips() {
        Latents clean = new OneStepSampler().sample(generator, prompts(2), new long[] {1, 2});

        assertThat(clean.batch()).isEqualTo(2);
        for (int i = 0; i < 2 * SHAPE.size(); i++) {
            assertThat(clean.values().get(i)).isCloseTo((float) MEAN, within(1e-6f));
        }
        assertThat(generator.timesteps).containsExactly(1f);
    }

    @Test
    void twoStepsAreTheExpectedClipGivenTheSecondNoise() {
        Latents clean = new TwoStepSampler(INNER).sample(generator, prompts(1), new long[] {9});

        FloatBuffer secondNoise = Noise.latents(new long[] {9}, 1, SHAPE).values();
        for (int i = 0; i < SHAPE.size(); i++) {
            double noised = (1 - INNER) * MEAN + INNER * secondNoise.get(i);
            double expected = generator.expectedClip(noised, INNER);
            assertThat((double) clean.values().get(i)).isCloseTo(expected, within(1e-6));
        }
        assertThat(generator.timesteps).containsExactly(1f, INNER);
    }

    @Test
    void whenThereIsOnlyOneClipBothSamplersFindIt() {
        Generator single = new GaussianGenerator(SHAPE, -1.5, 0);
        for (Sampler sampler : List.of(new OneStepSampler(), new TwoStepSampler(INNER))) {
            FloatBuffer clean =
                    sampler.sample(single, prompts(1), new long[] {4}).values();
            for (int i = 0; i < SHAPE.size(); i++) {
                assertThat(clean.get(i)).as(sampler.name()).isCloseTo(-1.5f, within(1e-6f));
            }
        }
    }

    @Test
    void videoDoesNotDependOnItsNeighbours() {
        Sampler sampler = new TwoStepSampler(INNER);
        FloatBuffer alone =
                sampler.sample(generator, prompts(1), new long[] {5}).values();
        FloatBuffer among =
                sampler.sample(generator, prompts(3), new long[] {8, 5, -2}).values();

        assertThat(among.slice(SHAPE.size(), SHAPE.size())).isEqualTo(alone);
    }

    @Test
    void everyPromptNeedsItsSeed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OneStepSampler().sample(generator, prompts(2), new long[] {1}))
                .withMessageContaining("2 prompts")
                .withMessageContaining("got 1");
    }

    @Test
    void generatorThatAnswersInAnotherShapeIsRefused() {
        Generator foreign = new GaussianGenerator(SHAPE, 0, 1) {
            @Override
            public Latents velocity(Latents x, float t, List<TextEmbedding> text) {
                LatentShape other = new LatentShape(1, 1, 1, SHAPE.size());
                return new Latents(x.values(), x.batch(), other);
            }
        };
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OneStepSampler().sample(foreign, prompts(1), new long[] {1}))
                .withMessageContaining("channels=2")
                .withMessageContaining("channels=1");
    }

    @Test
    void manifestNamesFindTheirSampler() {
        assertThat(Sampler.of("one-step", List.of(1f)))
                .isInstanceOf(OneStepSampler.class)
                .extracting(Sampler::name, Sampler::steps)
                .containsExactly("one-step", 1);
        assertThat(Sampler.of("two-step", List.of(1f, INNER)))
                .isInstanceOf(TwoStepSampler.class)
                .extracting(Sampler::name, Sampler::steps)
                .containsExactly("two-step", 2);
    }

    @Test
    void samplerThatCannotWorkIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampler.of("three-step", List.of(1f, 0.6f, 0.3f)))
                .withMessageContaining("three-step");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampler.of("one-step", List.of(1f, 0.6f)))
                .withMessageContaining("[1.0, 0.6]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Sampler.of("one-step", List.of(0.9f)))
                .withMessageContaining("begin with noise");
        assertThatIllegalArgumentException().isThrownBy(() -> Sampler.of("one-step", List.of()));
    }

    @ParameterizedTest
    @ValueSource(floats = {0, 1, -0.5f, Float.NaN})
    void innerTimestepLiesBetweenDataAndNoise(float inner) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TwoStepSampler(inner))
                .withMessageContaining("between 0 and 1");
    }

    private static List<TextEmbedding> prompts(int count) {
        return Collections.nCopies(count, new TextEmbedding(FloatBuffer.allocate(16), 1, 16));
    }
}
