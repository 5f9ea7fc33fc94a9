package io.zoetrope.bench.device;

import io.zoetrope.bench.simulation.DeviceTimes;
import io.zoetrope.lane.Admission;
import io.zoetrope.lane.BatchSizes;
import io.zoetrope.lane.Dispatch;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.LaneRun;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.StageSpec;
import io.zoetrope.lane.Ticket;
import io.zoetrope.lane.Watchdog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** Simulated GPUs: lanes behind one dispatch, whose stage sleeps for the time that a device would take. */
public final class SleepingDevices<T> implements AutoCloseable {
    private final Admission admission = new Admission(Integer.MAX_VALUE, LaneClock.system());
    private final List<Lane> lanes = new ArrayList<>();
    private final Queue<LaneRun> runs = new ConcurrentLinkedQueue<>();
    private final Dispatch<T, T> dispatch;

    /**
     * Starts the lanes. As in the job, each lane measures the times of its batch sizes first.
     *
     * @param count the number of devices
     * @param sample a request to measure with
     */
    public SleepingDevices(int count, DeviceTimes times, T sample) throws InterruptedException {
        List<LanePort<T, T>> ports = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Lane lane = Lane.start(
                    "sleeping-" + i,
                    LaneClock.system(),
                    new LaneObserver() {
                        @Override
                        public void ran(LaneRun run) {
                            runs.add(run);
                        }
                    },
                    Watchdog.off());
            lanes.add(lane);
            ports.add(lane.host(new StageSpec<>(
                    "sleep",
                    batch -> sleep(batch, times),
                    request -> "all",
                    new BatchSizes.Measured(times.maxBatch(), Duration.ofHours(1)),
                    Duration.ZERO)));
        }
        dispatch = new Dispatch<>(ports);
        try (Ticket ticket = admission.enter(sample, Optional.empty())) {
            dispatch.warm(sample, ticket).toCompletableFuture().join();
        }
    }

    private static <T> List<T> sleep(List<T> batch, DeviceTimes times) {
        long end = System.nanoTime() + times.nanos(batch.size());
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return batch;
    }

    /** Submits a request to the device that would finish it first. */
    public CompletionStage<Served<T>> submit(T request) {
        Ticket ticket = admission.enter(request, Optional.empty());
        return dispatch.submit(request, ticket).whenComplete((served, fault) -> ticket.close());
    }

    /** Returns and removes the runs of all devices since the last call. */
    public List<LaneRun> takeRuns() {
        List<LaneRun> taken = new ArrayList<>();
        for (LaneRun run = runs.poll(); run != null; run = runs.poll()) {
            taken.add(run);
        }
        return taken;
    }

    @Override
    public void close() {
        admission.close();
        lanes.forEach(Lane::close);
    }
}
