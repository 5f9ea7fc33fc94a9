package io.zoetrope.bundle;

import java.util.List;

/**
 * The dtype and shape of a graph's input or output.
 *
 * @param dtype the type of its numbers
 * @param shape the size of each axis: a number if it is fixed, {@link #BATCH} or {@link #LENGTH} if it varies
 */
public record TensorSpec(DataType dtype, List<String> shape) {
    /** The symbol of an axis over the videos of a batch. */
    public static final String BATCH = "B";

    /** The symbol of an axis over a prompt's tokens, padding included. */
    public static final String LENGTH = "L";

    public TensorSpec {
        shape = List.copyOf(shape);
    }

    static TensorSpec of(DataType dtype, Object... shape) {
        return new TensorSpec(
                dtype, List.of(shape).stream().map(String::valueOf).toList());
    }

    /** Returns whether an axis of this size varies from run to run. */
    public static boolean varies(String size) {
        return size.equals(BATCH) || size.equals(LENGTH);
    }

    /**
     * Returns the size of each axis in a run.
     *
     * @param batch B
     * @param length L; any number if no axis has it
     */
    public long[] sizes(long batch, long length) {
        return shape.stream()
                .mapToLong(size -> switch (size) {
                    case BATCH -> batch;
                    case LENGTH -> length;
                    default -> Long.parseLong(size);
                })
                .toArray();
    }

    /**
     * Returns the bytes of the tensor in a run.
     *
     * @param batch B
     * @param length L; any number if no axis has it
     * @throws ArithmeticException if there are 2^63 or more
     */
    public long bytes(long batch, long length) {
        long bytes = dtype.bytes();
        for (long size : sizes(batch, length)) {
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
