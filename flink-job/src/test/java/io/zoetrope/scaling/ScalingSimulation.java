package io.zoetrope.scaling;

import io.zoetrope.device.RequestCost;
import io.zoetrope.fair.FairQueue;
import io.zoetrope.fair.FairRules;
import io.zoetrope.fair.PerTenant;
import io.zoetrope.fair.Waiting;
import io.zoetrope.scaling.DayOfPrompts.Arrival;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Simulates a job, its devices and an autoscaler for a day, in virtual time. Prompts wait in the job's own
 * {@link FairQueue}, and the autoscaler reads what the job's metrics say: {@link FairQueue#size}, and {@link
 * FairQueue#work} times the {@link RequestCost} of the model.
 */
final class ScalingSimulation {
    /** The time between two decisions, and for how long the highest wish counts: the defaults of Kubernetes' HPA. */
    static final double DECISION_SECONDS = 15;

    static final double STABLE_SECONDS = 300;
    /** The window of the rate of arrivals. */
    static final double RATE_SECONDS = 300;
    /** From the request for a device to the first run on it: scheduling, the start of the process, loading the model. */
    static final double START_SECONDS = 90;
    /** A change of the number of slots restarts the job: nothing runs for this time, and what ran begins again. */
    static final double RESTART_SECONDS = 5;

    static final int LEAST_DEVICES = 1;
    static final int MOST_DEVICES = 40;

    private static final int NO_LIMIT = 1 << 20;

    /**
     * The result of a day.
     *
     * @param waits the time from arrival to the start of the run that answered, in seconds, in rising order
     * @param deviceHours the time for which devices were there, their starts included
     * @param restarts the number of restarts
     */
    @SuppressWarnings("ArrayRecordComponent") // nothing compares results
    record Result(double[] waits, double deviceHours, int restarts) {
        double waitAt(double quantile) {
            return waits[(int) Math.min(waits.length - 1, Math.floor(quantile * waits.length))];
        }
    }

    private record Run(double end, Waiting request, int number) {}

    private final DayOfPrompts day;
    private final Policy policy;
    private final RequestCost cost;
    private final FairQueue queue;
    private final PriorityQueue<Run> running = new PriorityQueue<>((a, b) -> Double.compare(a.end(), b.end()));
    private final Deque<double[]> wishes = new ArrayDeque<>();
    private final Deque<double[]> recent = new ArrayDeque<>();
    /** The times at which requested devices are ready. */
    private final List<Double> starting = new ArrayList<>();

    private final double[] waits;
    private int devices;
    private double pausedUntil;
    private double recentDemand;
    private double deviceSeconds;
    private int restarts;

    ScalingSimulation(DayOfPrompts day, Policy policy, RequestCost cost) {
        this.day = day;
        this.policy = policy;
        this.cost = cost;
        PerTenant none = PerTenant.parse(PerTenant.NONE);
        queue = new FairQueue(new FairRules(none, none, none));
        waits = new double[day.prompts().size()];
        devices = (int) Math.max(LEAST_DEVICES, Math.ceil(policy.devices(new Policy.Metrics(0, 0, 0))));
    }

    /** Runs until the last prompt of the day is answered. */
    Result run() {
        int next = 0;
        double decision = 0;
        while (next < waits.length || queue.size() > 0 || !running.isEmpty()) {
            double arrival = next < waits.length ? day.prompts().get(next).seconds() : Double.MAX_VALUE;
            double end = running.isEmpty() ? Double.MAX_VALUE : running.peek().end();
            double ready =
                    starting.stream().mapToDouble(Double::doubleValue).min().orElse(Double.MAX_VALUE);
            double resume = queue.size() > 0 && pausedUntil > 0 ? pausedUntil : Double.MAX_VALUE;
            double now = Math.min(Math.min(Math.min(arrival, end), Math.min(ready, decision)), resume);
            if (now == end) {
                queue.ended(running.remove().request().tenant());
            } else if (now == arrival) {
                arrive(next++, now);
            } else if (now == ready) {
                takeReadyDevices(now);
            } else if (now == resume) {
                pausedUntil = 0;
            } else {
                decide(now);
                decision += DECISION_SECONDS;
            }
            start(now);
        }
        Arrays.sort(waits);
        return new Result(waits, deviceSeconds / 3600, restarts);
    }

    private void arrive(int number, double now) {
        Arrival prompt = day.prompts().get(number);
        queue.add(waiting(number));
        recent.add(new double[] {now, prompt.work() * cost.seconds()});
        recentDemand += prompt.work() * cost.seconds();
    }

    private Waiting waiting(int number) {
        Arrival prompt = day.prompts().get(number);
        return new Waiting(
                Integer.toString(number), "all", instant(prompt.seconds()), 0, number, Optional.empty(), prompt.work());
    }

    private void start(double now) {
        if (now < pausedUntil) {
            return;
        }
        pausedUntil = 0;
        while (running.size() < devices) {
            Optional<Waiting> first = queue.poll(instant(now), NO_LIMIT, 0);
            if (first.isEmpty()) {
                return;
            }
            int number = (int) first.get().offset();
            queue.started(first.get().tenant());
            Arrival prompt = day.prompts().get(number);
            waits[number] = now - prompt.seconds();
            running.add(new Run(now + prompt.realWork() * cost.seconds(), first.get(), number));
        }
    }

    private void decide(double now) {
        deviceSeconds += (devices + starting.size()) * DECISION_SECONDS;
        while (!recent.isEmpty() && recent.peek()[0] < now - RATE_SECONDS) {
            recentDemand -= recent.remove()[1];
        }
        double wish = Math.ceil(policy.devices(new Policy.Metrics(
                queue.size(), queue.work() * cost.seconds(), Math.max(0, recentDemand) / RATE_SECONDS)));
        wishes.add(new double[] {now, Math.min(MOST_DEVICES, Math.max(LEAST_DEVICES, wish))});
        while (wishes.peek()[0] < now - STABLE_SECONDS) {
            wishes.remove();
        }
        int highest = (int) wishes.stream().mapToDouble(one -> one[1]).max().orElseThrow();
        int have = devices + starting.size();
        for (int i = have; i < highest; i++) {
            starting.add(now + START_SECONDS);
        }
        if (highest < devices && starting.isEmpty()) {
            devices = highest;
            restart(now);
        }
    }

    private void takeReadyDevices(double now) {
        int before = starting.size();
        starting.removeIf(ready -> ready <= now);
        devices += before - starting.size();
        restart(now);
    }

    /** Stops all runs; their prompts wait again, in the order of their arrival. */
    private void restart(double now) {
        restarts++;
        for (Run run : running) {
            queue.ended(run.request().tenant());
            queue.add(run.request());
        }
        running.clear();
        pausedUntil = now + RESTART_SECONDS;
    }

    private static Instant instant(double seconds) {
        return Instant.EPOCH.plusMillis((long) (seconds * 1000));
    }
}
