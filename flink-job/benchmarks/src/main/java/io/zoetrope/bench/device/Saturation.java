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
 * What sleeping devices do while there is always more to do.
 *
 * @param rate requests a second, of all devices
 * @param busy share of the time in which a device ran, of all devices together
 */
public record Saturation(double rate, double busy) {
    /** So many times a full batch wait for every device. */
    private static final int DEPTH = 3;

    /** Saturates devices for some time, and looks at all but the first run of each. */
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

    /** From the end of a lane's first run to the end of its last: whole runs, and the gaps between them. */
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
