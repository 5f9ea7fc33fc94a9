package io.zoetrope.fair;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;

/** A device that runs one request at a time in virtual time, fed by a {@link FairQueue} or by a planted order. */
final class FairSimulation {
    /** Chooses the request that runs next; the planted fault is one that ignores tenants. */
    interface Order {
        void add(Waiting request);

        Optional<Waiting> next(Instant now);

        void ended(Waiting request);
    }

    /** A request with its answer. */
    record Served(Waiting request, Instant startedAt, Instant answeredAt) {
        Duration latency() {
            return Duration.between(request.arrivedAt(), answeredAt);
        }
    }

    static final Instant START = Instant.EPOCH;

    private final Order order;
    private final Duration runTime;

    FairSimulation(Order order, Duration runTime) {
        this.order = order;
        this.runTime = runTime;
    }

    /** Runs all requests, and returns them in the order of their answers. */
    List<Served> run(List<Waiting> arrivals) {
        PriorityQueue<Waiting> coming =
                new PriorityQueue<>(Comparator.comparing(Waiting::arrivedAt).thenComparingLong(Waiting::offset));
        coming.addAll(arrivals);
        List<Served> served = new ArrayList<>();
        Instant now = START;
        while (served.size() < arrivals.size()) {
            while (!coming.isEmpty() && !coming.peek().arrivedAt().isAfter(now)) {
                order.add(coming.poll());
            }
            Optional<Waiting> next = order.next(now);
            if (next.isEmpty()) {
                now = coming.element().arrivedAt();
                continue;
            }
            Instant end = now.plus(runTime.multipliedBy((long) next.get().work()));
            served.add(new Served(next.get(), now, end));
            order.ended(next.get());
            now = end;
        }
        return served;
    }

    static Duration maxLatency(List<Served> served, String tenant) {
        return served.stream()
                .filter(one -> one.request().tenant().equals(tenant))
                .map(Served::latency)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** The fair order. */
    static Order fair(FairRules rules, Duration runTime) {
        FairQueue queue = new FairQueue(rules);
        Map<Long, String> running = new HashMap<>();
        return new Order() {
            @Override
            public void add(Waiting request) {
                queue.add(request);
            }

            @Override
            public Optional<Waiting> next(Instant now) {
                Optional<Waiting> next = queue.poll(now, 1, 0);
                next.ifPresent(request -> running.put(request.offset(), queue.started(request.tenant())));
                return next;
            }

            @Override
            public void ended(Waiting request) {
                queue.measured(runTime.multipliedBy((long) request.work()), request.work());
                queue.ended(Objects.requireNonNull(running.remove(request.offset())));
            }
        };
    }

    /** The planted fault: first come, first served. */
    static Order planted() {
        ArrayDeque<Waiting> queue = new ArrayDeque<>();
        return new Order() {
            @Override
            public void add(Waiting request) {
                queue.add(request);
            }

            @Override
            public Optional<Waiting> next(Instant now) {
                return Optional.ofNullable(queue.poll());
            }

            @Override
            public void ended(Waiting request) {}
        };
    }
}
