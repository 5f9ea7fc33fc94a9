package io.zoetrope.lane;

/** What a batch of each size is expected to take, learned from runs. */
final class RunTimes {
    /** How much of a new time goes into the old; a hiccup fades within a few runs. */
    private static final double NEW = 0.25;

    /** By size; zero where none has run. */
    private final double[] nanos;

    RunTimes(int cap) {
        nanos = new double[cap + 1];
    }

    void learn(int batch, long took) {
        double old = nanos[batch];
        nanos[batch] = old == 0 ? Math.max(1, took) : old + NEW * (took - old);
    }

    /**
     * The time of a run in nanoseconds. Between known sizes on a line; below the smallest as that; above the largest in
     * proportion. Zero as long as nothing has run.
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

    /** The time to run so many requests in batches of up to {@code max}. */
    double drain(int requests, int max) {
        int full = requests / max;
        int rest = requests % max;
        return full * of(max) + (rest == 0 ? 0 : of(rest));
    }
}
