package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Makes runs of a simulated lane hang, and checks what the lane promises of hung runs:
 *
 * <ul>
 *   <li>a run is ended at its limit, within two ticks of the watchdog, and never before;
 *   <li>after it the stage is renewed before anything else runs on it;
 *   <li>a run that does not react for the grace time ends the process, and no other run does;
 *   <li>a request fails for a hung run only if it hung twice, the last time alone;
 *   <li>a lane is taken out of use only if its stage cannot be renewed or keeps hanging, and then it is.
 * </ul>
 *
 * <p>Each hang also takes its decisions from a seed.
 */
final class HangPromises {
    private static final int MAX_BATCH = 4;
    /** A batch that hangs, and each of its requests that hangs again alone. */
    private static final int MAX_HUNG_RUNS = WatchedRuns.MAX_HUNG_BATCHES * (1 + MAX_BATCH);

    private final RunLimits limits;
    private final TestClock clock;
    private final SplittableRandom random;
    private final Watchdog watchdog;
    private final Set<Request> always = new HashSet<>();
    private final Map<Request, Integer> hungRuns = new HashMap<>();
    private final Set<Request> hungAloneLast = new HashSet<>();
    private final List<String> broken = new ArrayList<>();
    /** The duration of the last hung run, and the part of it after the healthy part. */
    private long ranFor;

    private long hungFor;
    private boolean ended;
    private boolean processEnded;
    private boolean out;
    private boolean failedToRenew;
    private int most;

    HangPromises(RunLimits limits, TestClock clock, SplittableRandom random) {
        this.limits = limits;
        this.clock = clock;
        this.random = random;
        watchdog = Watchdog.byHand(limits, clock, reason -> processEnded = true);
    }

    Watchdog watchdog() {
        return watchdog;
    }

    /** Makes every run of a request hang. */
    void always(Request request) {
        always.add(request);
    }

    /** Returns a stage on a device of its own, some of whose runs hang. */
    Stage<Request, String> device(Stage<Request, String> healthy) {
        return new Device(healthy);
    }

    /** Lets a healthy run take its time, in steps between which the watchdog checks it. */
    void run(Duration duration) {
        long left = duration.toNanos();
        while (left > 0) {
            long step = Math.min(left, watchdog.tick().toNanos());
            clock.advance(step);
            watchdog.check();
            left -= step;
        }
        if (ended) {
            broken.add("no run is ended before its limit: one was after less than " + duration);
        }
    }

    void ended(HungRunException run) {
        long limit = run.limit().toNanos();
        if (ranFor < limit || (hungFor > limit + 2 * watchdog.tick().toNanos() && !processEnded)) {
            broken.add("a hung run is ended at its limit, " + run.limit() + ": it hung for " + hungFor + " ns");
        }
        if (run.limit().compareTo(limits.run()) < 0) {
            broken.add("a run has at least " + limits.run() + ": it had " + run.limit());
        }
    }

    void takenOut(LaneOutException reason) {
        out = true;
        if (!failedToRenew && most < WatchedRuns.MAX_HUNG_BATCHES) {
            broken.add("a lane is taken out only when it keeps failing: " + reason.getMessage());
        }
    }

    boolean laneIsOut() {
        return out;
    }

    boolean hung(Request request) {
        return hungRuns.containsKey(request);
    }

    boolean hungTwiceAndAlone(Request request) {
        return hungRuns.getOrDefault(request, 0) >= 2 && hungAloneLast.contains(request);
    }

    List<String> broken() {
        return broken;
    }

    private final class Device implements Stage<Request, String> {
        private final Stage<Request, String> healthy;
        private boolean needsRenewal;
        private int hungInARow;

        private Device(Stage<Request, String> healthy) {
            this.healthy = healthy;
        }

        @Override
        public List<String> run(List<Request> batch) throws Exception {
            if (needsRenewal) {
                broken.add("a stage is renewed after a hung run: " + batch + " ran before");
            }
            if (hungInARow > MAX_HUNG_RUNS) {
                broken.add("a lane that keeps failing is taken out: " + hungInARow + " runs hung in a row");
            }
            ended = false;
            long start = clock.nanoTime();
            List<String> results = healthy.run(batch);
            if (batch.stream().anyMatch(always::contains) || random.nextInt(60) == 0) {
                hang(Set.copyOf(batch), start);
            }
            hungInARow = 0;
            return results;
        }

        private void hang(Set<Request> batch, long runStart) {
            needsRenewal = true;
            hungInARow++;
            most = Math.max(most, hungInARow);
            batch.forEach(request -> hungRuns.merge(request, 1, Integer::sum));
            hungAloneLast.removeAll(batch);
            if (batch.size() == 1) {
                hungAloneLast.addAll(batch);
            }
            boolean reacts = random.nextInt(20) > 0;
            processEnded = false;
            long start = clock.nanoTime();
            while (reacts ? !ended : !processEnded) {
                clock.advance(watchdog.tick().toNanos());
                watchdog.check();
                hungFor = clock.nanoTime() - start;
                ranFor = clock.nanoTime() - runStart;
                if (Duration.ofNanos(hungFor)
                                .compareTo(limits.start().multipliedBy(10).plus(Watchdog.GRACE))
                        > 0) {
                    broken.add("a hung run is ended: it hung for " + hungFor + " ns");
                    break;
                }
            }
            if (reacts && processEnded) {
                broken.add("the process ends only if a run does not react: " + batch);
            }
            throw new IllegalStateException("the run was ended");
        }

        @Override
        public void end(Thread runner) {
            ended = true;
            if (runner != Thread.currentThread()) {
                broken.add("the run of the lane's own thread is ended: got " + runner);
            }
        }

        @Override
        public void renew() {
            if (!needsRenewal) {
                broken.add("a stage is renewed only after a hung run");
            }
            needsRenewal = false;
            if (random.nextInt(30) == 0) {
                failedToRenew = true;
                throw new IllegalStateException("the stage cannot be opened");
            }
        }
    }
}
