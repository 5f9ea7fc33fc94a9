package io.zoetrope.bench.simulation;

/**
 * Simulates an ideal system: devices that share one FIFO queue, without any overhead. An idle device immediately runs
 * the waiting requests, up to a full batch, the oldest first.
 */
public final class DeviceSimulation {
    private DeviceSimulation() {}

    /**
     * Runs the simulation to its end.
     *
     * @param arrivals the arrival times in nanoseconds, in rising order
     * @param devices the number of devices, at least 1
     * @return the time from arrival to answer of each request, in nanoseconds, in the order of arrival
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
