package io.zoetrope.bundle;

import java.util.List;
import java.util.Set;

/**
 * The dtype and shape of a graph's input or output.
 *
 * @param dtype the type of its numbers
 * @param shape the size of each axis: a number if it is fixed, a symbol such as {@link #BATCH} if it varies
 */
public record TensorSpec(DataType dtype, List<String> shape) {
    /** The symbol of an axis over the videos of a batch. */
    public static final String BATCH = "B";

    /** The symbol of an axis over a prompt's tokens, padding included. */
    public static final String LENGTH = "L";

    /** The symbol of an axis over latent frames. */
    static final String LATENT_FRAMES = "T";

    /** The symbol of an axis over the rows of latent cells. */
    static final String LATENT_HEIGHT = "H";

    /** The symbol of an axis over the columns of latent cells. */
    static final String LATENT_WIDTH = "W";

    /** The symbol of an axis over the frames of a video. */
    static final String FRAMES = "F";

    /** The symbol of an axis over the rows of pixels. */
    static final String HEIGHT = "Y";

    /** The symbol of an axis over the columns of pixels. */
    static final String WIDTH = "X";

    /** The symbol of an axis over the rows of a frame in YUV 4:2:0, which are 3/2 of the rows of pixels. */
    static final String YUV_ROWS = "R";

    private static final Set<String> SYMBOLS =
            Set.of(BATCH, LENGTH, LATENT_FRAMES, LATENT_HEIGHT, LATENT_WIDTH, FRAMES, HEIGHT, WIDTH, YUV_ROWS);

    public TensorSpec {
        shape = List.copyOf(shape);
    }

    static TensorSpec of(DataType dtype, Object... shape) {
        return new TensorSpec(
                dtype, List.of(shape).stream().map(String::valueOf).toList());
    }

    /** Returns whether an axis of this size varies from run to run. */
    public static boolean varies(String size) {
        return SYMBOLS.contains(size);
    }

    /** Returns the tensor with the numbers of a run in place of the symbols of its size and length. */
    TensorSpec withSize(Axes axes) {
        return new TensorSpec(
                dtype,
                shape.stream()
                        .map(size -> varies(size) && !size.equals(BATCH) && !size.equals(LENGTH)
                                ? String.valueOf(axes.size(size))
                                : size)
                        .toList());
    }

    /** Returns the size of each axis in a run. */
    public long[] sizes(Axes axes) {
        return shape.stream()
                .mapToLong(size -> varies(size) ? axes.size(size) : Long.parseLong(size))
                .toArray();
    }

    /**
     * Returns the bytes of the tensor in a run.
     *
     * @throws ArithmeticException if there are 2^63 or more
     */
    public long bytes(Axes axes) {
        long bytes = dtype.bytes();
        for (long size : sizes(axes)) {
            bytes = Math.multiplyExact(bytes, size);
        }
        return bytes;
    }

    /** Returns dtype and shape, such as {@code float32[B,12,5,8,8]}. */
    @Override
    public String toString() {
        return dtype + "[" + String.join(",", shape) + "]";
    }
}
