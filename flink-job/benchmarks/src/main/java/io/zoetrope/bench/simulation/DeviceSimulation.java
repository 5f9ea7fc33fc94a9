package io.zoetrope.bench.simulation;

/**
 * The ideal: some devices, one queue for all of them, and no time lost. A device that is idle takes what waits, up to a
 * full batch, at once; the first come first.
 */
public final class DeviceSimulation {
    private DeviceSimulation() {}

    /**
     * Runs the simulation to its end.
     *
     * @param arrivals nanoseconds, rising
     * @param devices at least 1
     * @return each request's time from its arrival to its answer, in nanoseconds, in the order of arrival
     */
    public static long[] latencies(long[] arrivals, int devices, DeviceTimes times) {
        long[] latencies = new long[arrivals.length];
        long[] freeAt = new long[devices];
        int next = 0;
        while (next < arrivals.length) {
            int device = firstFree(freeAt);
            long start = Math.max(freeAt[device], arrivals[next]);
            int end = next;
            while (end < arrivals.length && end - next < times.maxBatch() && arrivals[end] <= start) {
                end++;
            }
            freeAt[device] = start + times.nanos(end - next);
            for (; next < end; next++) {
                latencies[next] = freeAt[device] - arrivals[next];
            }
        }
        return latencies;
    }

    private static int firstFree(long[] freeAt) {
        int first = 0;
        for (int device = 1; device < freeAt.length; device++) {
            if (freeAt[device] < freeAt[first]) {
                first = device;
            }
        }
        return first;
    }
}
