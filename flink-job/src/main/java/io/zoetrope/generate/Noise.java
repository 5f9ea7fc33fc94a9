package io.zoetrope.generate;

import io.zoetrope.buffer.BufferPool;
import java.nio.FloatBuffer;
import java.util.stream.IntStream;

/**
 * Standard normal noise from a seed. It is the same in Java and in {@code onnx-export}, on every machine.
 *
 * <p>Number n of a video's latents, row-major [C,T,H,W], is output n of Philox under the key (seed's low word, high
 * word), where block i has the counter (i's low word, i's high word, stream, 0) and gives four outputs: two Box-Muller
 * pairs of u = (word + 1/2) / 2^32, (r cos 2 pi u', r sin 2 pi u') with r = sqrt(-2 ln u), in double precision.
 */
public final class Noise {
    /**
     * The stream of the noise that a video starts from. Stream k is the noise that a sampler adds for the k-th time.
     */
    public static final int INITIAL = 0;

    /**
     * The numbers per parallel task, a multiple of the block size. A clip of 720p has three million numbers. With fewer
     * numbers, a task costs more than it saves.
     */
    private static final int TASK_NUMBERS = 1 << 16;

    private static final double WORD = 0x1p-32;

    private Noise() {}

    /**
     * Returns the noise of a batch. The noise of a video depends only on its seed, not on the other videos of the
     * batch.
     *
     * @param seeds one seed per video
     * @param stream {@link #INITIAL} or the number of the re-noising, from 1
     * @param shape the shape of each video's latents
     * @param buffers the pool of the latents
     * @return the noise, for the caller to close
     */
    public static LatentBatch latents(long[] seeds, int stream, LatentShape shape, BufferPool buffers) {
        LatentBatch noise = LatentBatch.take(buffers, seeds.length, shape);
        FloatBuffer values = noise.writable();
        int size = shape.size();
        int tasks = (size + TASK_NUMBERS - 1) / TASK_NUMBERS;
        IntStream all = IntStream.range(0, seeds.length * tasks);
        (values.capacity() > TASK_NUMBERS ? all.parallel() : all).forEach(i -> {
            int video = i / tasks;
            int start = i % tasks * TASK_NUMBERS;
            fill(seeds[video], stream, values.slice(video * size, size), start, Math.min(size, start + TASK_NUMBERS));
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

    /** Writes two numbers. It uses StrictMath, as Math may round differently from machine to machine. */
    private static void putPair(FloatBuffer values, int index, int radiusWord, int angleWord) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(uniform(radiusWord)));
        double angle = 2 * Math.PI * uniform(angleWord);
        put(values, index, radius * StrictMath.cos(angle));
        put(values, index + 1, radius * StrictMath.sin(angle));
    }

    /** Maps a random word to (0, 1). The result is never 0, whose logarithm is infinite. */
    private static double uniform(int word) {
        return (Integer.toUnsignedLong(word) + 0.5) * WORD;
    }

    /** Writes a number unless it is beyond the video's end, where the last block may reach. */
    private static void put(FloatBuffer values, int index, double value) {
        if (index < values.capacity()) {
            values.put(index, (float) value);
        }
    }
}
