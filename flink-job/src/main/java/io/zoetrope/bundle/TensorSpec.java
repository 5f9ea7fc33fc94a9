package io.zoetrope.bundle;

import java.util.List;

/**
 * The type and shape of a graph's input or output.
 *
 * @param dtype of its numbers
 * @param shape axis by axis: a number for a fixed size, a symbol such as {@code B} for one that varies
 */
public record TensorSpec(DataType dtype, List<String> shape) {
    public TensorSpec {
        shape = List.copyOf(shape);
    }

    static TensorSpec of(DataType dtype, Object... shape) {
        return new TensorSpec(
                dtype, List.of(shape).stream().map(String::valueOf).toList());
    }

    /** Such as {@code float32[B,12,5,8,8]}. */
    @Override
    public String toString() {
        return dtype + "[" + String.join(",", shape) + "]";
    }
}
