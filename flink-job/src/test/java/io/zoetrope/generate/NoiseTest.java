package io.zoetrope.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoiseTest {
    private static final LatentShape SHAPE = new LatentShape(12, 5, 8, 8);
    private static final BufferPool BUFFERS = new BufferPool(0);
    private static final int MANY = 1 << 18;
    private static final LatentShape MANY_SHAPE = new LatentShape(1, 1, 1, MANY);

    @Test
    void videoInABatchGetsTheNoiseItGetsAlone() {
        LatentBatch together = Noise.latents(new long[] {3, -1, 3, Long.MIN_VALUE}, 0, SHAPE, BUFFERS);

        assertThat(video(together, 0)).isEqualTo(noise(3, 0));
        assertThat(video(together, 1)).isEqualTo(noise(-1, 0));
        assertThat(video(together, 2)).isEqualTo(noise(3, 0));
        assertThat(video(together, 3)).isEqualTo(noise(Long.MIN_VALUE, 0));
    }

    @Test
    void eachBitOfTheSeedAndEachStreamGivesOtherNoise() {
        List<FloatBuffer> all = new ArrayList<>();
        all.add(noise(0, 0));
        for (int bit = 0; bit < Long.SIZE; bit++) {
            all.add(noise(1L << bit, 0));
        }
        all.add(noise(0, 1));
        all.add(noise(0, 2));

        assertThat(all).doesNotHaveDuplicates();
    }

    @Test
    void aVideoThatEndsInsideABlockIsTheStartOfALongerOne() {
        LatentShape seven = new LatentShape(1, 1, 1, 7);
        assertThat(Noise.latents(new long[] {5}, 0, seven, BUFFERS).values())
                .isEqualTo(noise(5, 0).slice(0, 7));
    }

    @Test
    void parallelTasksGiveTheNumbersOfASequentialRun() {
        FloatBuffer together =
                Noise.latents(new long[] {4, 9}, 2, MANY_SHAPE, BUFFERS).values();

        for (int video = 0; video < 2; video++) {
            int[] block = new int[4];
            for (int n = 0; n < MANY; n += 4) {
                block[0] = n / 4;
                block[1] = 0;
                block[2] = 2;
                block[3] = 0;
                Philox.permute(block, video == 0 ? 4 : 9, 0);
                assertThat(together.get(video * MANY + n)).isEqualTo(boxMuller(block[0], block[1]));
            }
        }
    }

    private static float boxMuller(int radiusWord, int angleWord) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log((Integer.toUnsignedLong(radiusWord) + 0.5) / 0x1p32));
        return (float) (radius * StrictMath.cos(2 * Math.PI * ((Integer.toUnsignedLong(angleWord) + 0.5) / 0x1p32)));
    }

    @Test
    void noiseIsStandardNormal() {
        FloatBuffer values =
                Noise.latents(new long[] {20260301}, 0, MANY_SHAPE, BUFFERS).values();

        assertThat(moment(values, 1)).isCloseTo(0, within(4 / Math.sqrt(MANY)));
        assertThat(moment(values, 2)).isCloseTo(1, within(4 * Math.sqrt(2.0 / MANY)));
        assertThat(moment(values, 3)).isCloseTo(0, within(4 * Math.sqrt(15.0 / MANY)));
        assertThat(moment(values, 4)).isCloseTo(3, within(4 * Math.sqrt(96.0 / MANY)));
        assertThat(kolmogorovSmirnov(values)).isLessThan(1.95 / Math.sqrt(MANY)); // p = 0.001
    }

    @Test
    void neighbouringNumbersSeedsAndStreamsAreIndependent() {
        FloatBuffer values =
                Noise.latents(new long[] {7}, 0, MANY_SHAPE, BUFFERS).values();
        FloatBuffer nextSeed =
                Noise.latents(new long[] {8}, 0, MANY_SHAPE, BUFFERS).values();
        FloatBuffer nextStream =
                Noise.latents(new long[] {7}, 1, MANY_SHAPE, BUFFERS).values();
        FloatBuffer shifted = values.slice(1, MANY - 1);

        assertThat(correlation(values, nextSeed)).isCloseTo(0, within(4 / Math.sqrt(MANY)));
        assertThat(correlation(values, nextStream)).isCloseTo(0, within(4 / Math.sqrt(MANY)));
        assertThat(correlation(values, shifted)).isCloseTo(0, within(4 / Math.sqrt(MANY)));
    }

    private static FloatBuffer noise(long seed, int stream) {
        return Noise.latents(new long[] {seed}, stream, SHAPE, BUFFERS).values();
    }

    private static FloatBuffer video(LatentBatch latents, int index) {
        return latents.values().slice(index * SHAPE.size(), SHAPE.size());
    }

    private static double moment(FloatBuffer values, int order) {
        double sum = 0;
        for (int i = 0; i < values.capacity(); i++) {
            sum += Math.pow(values.get(i), order);
        }
        return sum / values.capacity();
    }

    private static double correlation(FloatBuffer a, FloatBuffer b) {
        int count = Math.min(a.capacity(), b.capacity());
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum / count;
    }

    /** Returns the largest distance between the sample's distribution and the normal distribution. */
    private static double kolmogorovSmirnov(FloatBuffer values) {
        List<Float> sorted = new ArrayList<>();
        for (int i = 0; i < values.capacity(); i++) {
            sorted.add(values.get(i));
        }
        Collections.sort(sorted);
        double largest = 0;
        for (int i = 0; i < sorted.size(); i++) {
            largest = Math.max(largest, Math.abs(normalCdf(sorted.get(i)) - (i + 0.5) / sorted.size()));
        }
        return largest;
    }

    /** Returns the normal distribution function by Abramowitz and Stegun 26.2.17, to 7.5e-8. */
    private static double normalCdf(double x) {
        double t = 1 / (1 + 0.2316419 * Math.abs(x));
        double poly = t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
        double tail = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI) * poly;
        return x < 0 ? tail : 1 - tail;
    }
}
