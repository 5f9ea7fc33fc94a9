package io.zoetrope.bench.device;

import io.zoetrope.bench.simulation.DeviceTimes;
import io.zoetrope.lane.LaneRun;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/**
 * The throughput of sleeping devices while requests are always waiting.
 *
 * @param rate the requests per second of all devices together
 * @param busy the share of time in which a device ran, averaged over all devices
 */
public record Saturation(double rate, double busy) {
    /** The number of full batches per device that are submitted and not yet answered. */
    private static final int DEPTH = 3;

    /** Saturates the devices for some time, and evaluates all runs except the first run of each device. */
    public static Saturation of(SleepingDevices<Integer> devices, int count, DeviceTimes times, Duration time)
            throws InterruptedException {
        int waiting = DEPTH * times.maxBatch() * count;
        Semaphore room = new Semaphore(waiting);
        devices.takeRuns();
        long end = System.nanoTime() + time.toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            room.acquire();
            devices.submit(i).whenComplete((served, fault) -> room.release());
        }
        room.acquire(waiting);
        List<LaneRun> runs = devices.takeRuns().stream()
                .filter(run -> run.startNanos() < end)
                .toList();
        if (runs.stream().anyMatch(LaneRun::failed)) {
            throw new CompletionException(new IllegalStateException("a sleeping device failed"));
        }
        Map<String, List<LaneRun>> byLane = runs.stream().collect(Collectors.groupingBy(LaneRun::lane));
        return new Saturation(
                byLane.values().stream().mapToDouble(Saturation::rate).sum(),
                byLane.values().stream().mapToDouble(Saturation::busy).average().orElseThrow());
    }

    /** Counts from the end of a lane's first run to the end of its last run: whole runs, and the gaps between them. */
    private static double rate(List<LaneRun> runs) {
        List<LaneRun> sorted = sorted(runs);
        int requests = sorted.stream().skip(1).mapToInt(LaneRun::batchSize).sum();
        return requests / (span(sorted) / 1e9);
    }

    private static double busy(List<LaneRun> runs) {
        List<LaneRun> sorted = sorted(runs);
        return sorted.stream().skip(1).mapToLong(run -> run.took().toNanos()).sum() / span(sorted);
    }

    private static double span(List<LaneRun> sorted) {
        if (sorted.size() < 2) {
            throw new IllegalStateException("saturation: expected at least 2 runs of each device, got " + sorted.size()
                    + "; let it run longer");
        }
        return sorted.get(sorted.size() - 1).endNanos() - sorted.get(0).endNanos();
    }

    private static List<LaneRun> sorted(List<LaneRun> runs) {
        return runs.stream().sorted(Comparator.comparingLong(LaneRun::endNanos)).toList();
    }
}
