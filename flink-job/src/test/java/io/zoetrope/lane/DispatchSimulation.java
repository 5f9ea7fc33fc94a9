package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * A simulation of equal devices in virtual time. They serve the same Poisson arrivals in two ways: as lanes behind a
 * {@link Dispatch}, which chooses a lane at the arrival, and with one central queue, from which each idle device takes
 * waiting requests.
 *
 * @param devices the number of devices
 * @param cap the largest batch
 * @param fixedNanos the part of a run's duration that does not depend on its batch size
 * @param nanosPerRequest the part of a run's duration per request
 */
record DispatchSimulation(int devices, int cap, long fixedNanos, long nanosPerRequest) {
    private long took(int batch) {
        return fixedNanos + batch * nanosPerRequest;
    }

    /** Returns arrival times at this share of the capacity of all devices. */
    long[] arrivals(double load, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double apart = took(cap) / (load * devices * cap);
        long[] arrivals = new long[count];
        double now = 0;
        for (int i = 0; i < count; i++) {
            now -= Math.log(1 - random.nextDouble()) * apart;
            arrivals[i] = (long) now;
        }
        return arrivals;
    }

    /** Returns the mean latency in nanoseconds with one central queue. */
    double centralQueue(long[] arrivals) {
        long[] free = new long[devices];
        double sum = 0;
        int next = 0;
        while (next < arrivals.length) {
            int first = 0;
            for (int i = 1; i < devices; i++) {
                first = free[i] < free[first] ? i : first;
            }
            long start = Math.max(free[first], arrivals[next]);
            int batch = 0;
            while (batch < cap && next + batch < arrivals.length && arrivals[next + batch] <= start) {
                batch++;
            }
            free[first] = start + took(batch);
            for (int i = 0; i < batch; i++) {
                sum += free[first] - arrivals[next + i];
            }
            next += batch;
        }
        return sum / arrivals.length;
    }

    /** Returns the mean latency in nanoseconds behind a dispatch. */
    double dispatch(long[] arrivals) {
        TestClock clock = new TestClock();
        List<Device> lanes = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            lanes.add(new Device(clock));
        }
        Dispatch<Integer, Integer> dispatch =
                new Dispatch<>(lanes.stream().map(lane -> lane.port).toList());
        List<CompletableFuture<Served<Integer>>> answers = new ArrayList<>();
        for (long arrival : arrivals) {
            lanes.forEach(lane -> lane.runUntil(arrival));
            clock.advance(arrival - clock.nanoTime());
            Ticket ticket = new Ticket(0, clock.instant(), Optional.empty(), () -> {});
            answers.add(dispatch.submit(0, ticket).toCompletableFuture());
            lanes.forEach(lane -> lane.runUntil(arrival));
        }
        lanes.forEach(lane -> lane.runUntil(Long.MAX_VALUE / 2));
        double sum = 0;
        for (CompletableFuture<Served<Integer>> answer : answers) {
            sum += answer.join().queued().plus(answer.join().ran()).toNanos();
        }
        return sum / arrivals.length;
    }

    /** A lane with its own clock, which is ahead of the arrivals while a batch runs. */
    private final class Device {
        private final TestClock own = new TestClock();
        private final LaneQueue queue = new LaneQueue(own);
        private final LaneLoop loop = new LaneLoop("device", queue, own, LaneObserver.all(), Watchdog.off());
        private final LanePort<Integer, Integer> port;

        private Device(TestClock shared) {
            Stage<Integer, Integer> stage = batch -> {
                own.advance(took(batch.size()));
                return batch;
            };
            port = new LanePort<>(
                    new StageSpec<>("sleep", stage, request -> "all", new BatchSizes.Fixed(cap), Duration.ZERO),
                    queue,
                    shared);
        }

        private void runUntil(long nanos) {
            while (own.nanoTime() <= nanos && queue.nanosUntilTurn() == 0) {
                loop.turn();
            }
            own.advance(Math.max(0, Math.min(nanos, Long.MAX_VALUE / 4) - own.nanoTime()));
        }
    }
}
