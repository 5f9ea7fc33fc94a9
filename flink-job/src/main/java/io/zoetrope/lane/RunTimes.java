package io.zoetrope.lane;

import java.util.Arrays;

/** The expected duration of a run per batch size, learned from past runs. */
final class RunTimes {
    /** The weight of a new run in the moving average: a single slow run fades within a few runs. */
    private static final double WEIGHT = 0.25;

    /** The moving average per size; 0 if no batch of the size has run. */
    private final double[] nanos;

    RunTimes(int cap) {
        nanos = new double[cap + 1];
    }

    void learn(int batch, long took) {
        double old = nanos[batch];
        nanos[batch] = old == 0 ? Math.max(1, took) : old + WEIGHT * (took - old);
    }

    /**
     * Returns the expected duration of a run in nanoseconds; 0 until one has run. Interpolates linearly between known
     * sizes; uses the smallest known size for smaller ones, and extrapolates larger ones in proportion to the largest.
     */
    double of(int batch) {
        if (nanos[batch] > 0) {
            return nanos[batch];
        }
        int below = batch;
        while (below > 0 && nanos[below] == 0) {
            below--;
        }
        int above = batch;
        while (above < nanos.length && nanos[above] == 0) {
            above++;
        }
        if (above == nanos.length) {
            return below == 0 ? 0 : nanos[below] * batch / below;
        }
        if (below == 0) {
            return nanos[above];
        }
        return nanos[below] + (nanos[above] - nanos[below]) * (batch - below) / (above - below);
    }

    /** Returns the longest expected duration of a run that is known; 0 until one has run. */
    double longest() {
        return Arrays.stream(nanos).max().orElseThrow();
    }

    /** Returns the expected duration of running these requests in batches of up to {@code max}. */
    double drain(int requests, int max) {
        int full = requests / max;
        int rest = requests % max;
        return full * of(max) + (rest == 0 ? 0 : of(rest));
    }
}
