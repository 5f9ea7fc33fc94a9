package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * Standard normal noise from a seed: the same numbers here and in {@code onnx-export}, on every machine.
 *
 * <p>Number n of a video's latents, row-major [C,T,H,W], is output n of Philox under the key (seed's low word, high
 * word), where block i has the counter (i's low word, i's high word, stream, 0) and gives four outputs: two Box-Muller
 * pairs of u = (word + 1/2) / 2^32, (r cos 2 pi u', r sin 2 pi u') with r = sqrt(-2 ln u), in double precision.
 */
public final class Noise {
    /** The stream that a video starts from. Stream k is for the k-th time that noise is added again. */
    public static final int INITIAL = 0;

    /**
     * Numbers that one core fills while others fill others, whole blocks: a clip of 720p has three million. Fewer are not
     * worth the handing out.
     */
    private static final int PART = 1 << 16;

    private static final double WORD = 0x1p-32;

    private Noise() {}

    /**
     * Noise for a batch: each video's from its own seed, whoever its neighbours are.
     *
     * @param seeds one for each video
     * @param stream {@link #INITIAL} or the number of the re-noising, from 1
     * @param shape of each video's latents
     * @param buffers where the latents are taken from
     * @return the noise, for the caller to close
     */
    public static LatentBatch latents(long[] seeds, int stream, LatentShape shape, BufferPool buffers) {
        LatentBatch noise = LatentBatch.take(buffers, seeds.length, shape);
        FloatBuffer values = noise.writable();
        int size = shape.size();
        int parts = (size + PART - 1) / PART;
        IntStream all = IntStream.range(0, seeds.length * parts);
        (values.capacity() > PART ? all.parallel() : all).forEach(i -> {
            int video = i / parts;
            int start = i % parts * PART;
            fill(seeds[video], stream, values.slice(video * size, size), start, Math.min(size, start + PART));
        });
        return noise;
    }

    private static void fill(long seed, int stream, FloatBuffer values, int start, int end) {
        int[] block = new int[4];
        for (int first = start; first < end; first += block.length) {
            block[0] = first / block.length; // below 2^29, so the index's high word is 0
            block[1] = 0;
            block[2] = stream;
            block[3] = 0;
            Philox.permute(block, (int) seed, (int) (seed >>> 32));
            putPair(values, first, block[0], block[1]);
            putPair(values, first + 2, block[2], block[3]);
        }
    }

    /** StrictMath, for Math may round differently from machine to machine. */
    private static void putPair(FloatBuffer values, int index, int radiusWord, int angleWord) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(uniform(radiusWord)));
        double angle = 2 * Math.PI * uniform(angleWord);
        put(values, index, radius * StrictMath.cos(angle));
        put(values, index + 1, radius * StrictMath.sin(angle));
    }

    /** Uniform in (0, 1): never 0, whose logarithm is infinite. */
    private static double uniform(int word) {
        return (Integer.toUnsignedLong(word) + 0.5) * WORD;
    }

    /** A video's last block may be cut short. */
    private static void put(FloatBuffer values, int index, double value) {
        if (index < values.capacity()) {
            values.put(index, (float) value);
        }
    }
}
