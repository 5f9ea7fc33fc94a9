package io.zoetrope.bench.report;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * An axis, which maps values to pixels.
 *
 * @param low the value at the first pixel
 * @param high the value at the last pixel
 * @param first the first pixel
 * @param last the last pixel
 * @param logarithmic whether the axis is logarithmic
 */
record Axis(double low, double high, double first, double last, boolean logarithmic) {
    private static final int TICKS = 6;

    static Axis over(double[] values, double first, double last, boolean logarithmic) {
        double low = Arrays.stream(values).min().orElse(0);
        double high = Arrays.stream(values).max().orElse(1);
        return new Axis(low, high > low ? high : low + 1, first, last, logarithmic);
    }

    double at(double value) {
        return first + (last - first) * (scale(value) - scale(low)) / (scale(high) - scale(low));
    }

    /** Returns round values: powers of two on a logarithmic axis, else multiples of 1, 2 or 5 times a power of ten. */
    double[] ticks() {
        if (logarithmic) {
            return DoubleStream.iterate(low, value -> value <= high, value -> 2 * value)
                    .toArray();
        }
        double step = Math.pow(10, Math.floor(Math.log10((high - low) / TICKS)));
        while ((high - low) / step > TICKS) {
            step *= (high - low) / step > 2.5 * TICKS ? 5 : 2;
        }
        double start = Math.ceil(low / step - 1e-9) * step;
        int count = (int) Math.floor((high - start) / step + 1e-9) + 1;
        double width = step;
        return DoubleStream.iterate(0, i -> i + 1)
                .limit(count)
                .map(i -> Math.round((start + i * width) * 1e9) / 1e9)
                .toArray();
    }

    private double scale(double value) {
        return logarithmic ? Math.log(value) : value;
    }
}
