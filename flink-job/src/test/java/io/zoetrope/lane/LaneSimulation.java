package io.zoetrope.lane;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * A simulation of one lane in virtual time, with every kind of event drawn from a seed: arrivals at several stages and
 * buckets, deadlines, cancellations, warm-ups, faults, wrong result counts, a lack of
 * memory, hung runs, and a close. Each event may also happen
 * during a run.
 */
final class LaneSimulation {
    private static final int EVENTS = 40;

    private final SplittableRandom random;
    /**
     * The unit of all durations. With the short one, deadlines decide the turns; with the long one, Ticket.DUE_AFTER
     * passes.
     */
    private final Duration unit;

    private final TestClock clock = new TestClock();
    private final LanePromises promises = new LanePromises();
    private final TurnPromises turns = new TurnPromises(clock);
    private final LaneQueue queue = new LaneQueue(clock);
    private final HangPromises hangs;
    private final LaneLoop loop;

    private final LaneObserver observer = new LaneObserver() {
        @Override
        public void measured(String lane, BatchTable table) {
            turns.measured(table);
        }

        @Override
        public void limited(String lane, String stage, Object bucket, int batch) {
            turns.limited(stage, bucket, batch);
        }

        @Override
        public void ended(String lane, HungRunException run) {
            hangs.ended(run);
        }

        @Override
        public void takenOut(String lane, LaneOutException reason) {
            hangs.takenOut(reason);
            closed = true;
        }
    };
    private final List<StageSpec<Request, String>> stages = new ArrayList<>();
    private final List<LanePort<Request, String>> ports = new ArrayList<>();
    private final List<Ticket> tickets = new ArrayList<>();
    private final List<CompletableFuture<Void>> warmUps = new ArrayList<>();
    private final Set<Request> poison = new HashSet<>();
    private final Set<Request> ran = new HashSet<>();
    private final Map<Request, Ticket> submitted = new HashMap<>();
    private final Map<Request, Throwable> faults = new HashMap<>();
    private boolean closed;
    private boolean onDevice;

    LaneSimulation(long seed) {
        random = new SplittableRandom(seed);
        unit = random.nextBoolean() ? Duration.ofMillis(1) : Ticket.DUE_AFTER.dividedBy(6);
        hangs = new HangPromises(new RunLimits(unit.multipliedBy(30), unit.multipliedBy(100)), clock, random.split());
        loop = new LaneLoop("simulated", queue, clock, observer, hangs.watchdog());
        int count = 1 + random.nextInt(3);
        for (int stage = 0; stage < count; stage++) {
            int cap = 1 + random.nextInt(4);
            StageSpec<Request, String> spec = promises.watch(new StageSpec<>(
                    "stage-" + stage,
                    hangs.device(this::device),
                    Request::bucket,
                    random.nextInt(4) == 0
                            ? new BatchSizes.Measured(cap, unit.multipliedBy(5))
                            : new BatchSizes.Fixed(cap),
                    random.nextInt(3) == 0 ? unit.multipliedBy(1 + random.nextInt(10)) : Duration.ZERO));
            stages.add(spec);
            ports.add(new LanePort<>(spec, queue, clock));
        }
    }

    /** Runs all events and returns the broken promises. */
    List<String> run() {
        boolean closesAtTheEnd = random.nextInt(4) > 0;
        for (int event = 0; event < EVENTS; event++) {
            happen(event);
        }
        while (closesAtTheEnd && !closed && queue.nanosUntilTurn() < Long.MAX_VALUE) {
            sleep(queue.nanosUntilTurn());
            turn();
        }
        close();
        List<String> broken = new ArrayList<>(promises.broken());
        broken.addAll(turns.broken());
        broken.addAll(hangs.broken());
        submitted.keySet().forEach(request -> explain(request).ifPresent(broken::add));
        if (!warmUps.stream().allMatch(CompletableFuture::isDone)) {
            broken.add("every warm-up completes: " + warmUps);
        }
        return broken;
    }

    private void happen(int event) {
        switch (random.nextInt(onDevice ? 7 : 12)) {
            case 0, 1, 2, 3 -> enter(event);
            case 4 -> clock.advance(unit.multipliedBy(random.nextInt(8)));
            case 5 -> cancelTicket();
            case 6 -> {
                if (random.nextInt(40) == 0) {
                    close();
                } else if (random.nextInt(4) == 0) {
                    warm();
                }
            }
            default -> turn();
        }
    }

    private void turn() {
        loop.turn();
        if (!closed && queue.nanosUntilTurn() > 0) {
            turns.idles();
        }
    }

    /** Advances to a nanosecond before the lane would wake, when no request may be ready yet, and then to that time. */
    private void sleep(long nanos) {
        if (nanos > 0) {
            clock.advance(nanos - 1);
            turns.idles();
            clock.advance(1);
        }
    }

    private void enter(int event) {
        Optional<Instant> deadline = random.nextInt(3) == 0
                ? Optional.of(clock.instant().plus(unit.multipliedBy(random.nextInt(15))))
                : Optional.empty();
        Ticket ticket = new Ticket(tickets.size() * 100 + event, clock.instant(), deadline, () -> {});
        tickets.add(ticket);
        submit(tickets.size(), 0, ticket);
    }

    private void submit(int id, int stage, Ticket ticket) {
        Request request = new Request(id, "stage-" + stage, "bucket-" + random.nextInt(2));
        if (random.nextInt(10) == 0) {
            poison.add(request);
        }
        if (random.nextInt(40) == 0) {
            hangs.always(request);
        }
        submitted.put(request, ticket);
        if (!closed && !ticket.cancelled()) {
            turns.submitted(request, ticket, stages.get(stage));
        }
        var answer = ports.get(stage).submit(request, ticket);
        promises.submitted(request, answer);
        answer.whenComplete((served, fault) -> {
            turns.answered(request);
            if (fault != null) {
                faults.put(request, fault instanceof CompletionException wrapped ? wrapped.getCause() : fault);
            } else if (stage + 1 < stages.size()) {
                submit(id, stage + 1, ticket);
            }
        });
    }

    private void cancelTicket() {
        if (!tickets.isEmpty()) {
            tickets.get(random.nextInt(tickets.size())).cancel();
        }
    }

    private void warm() {
        int stage = random.nextInt(stages.size());
        Request sample = new Request(-1, "stage-" + stage, "bucket-" + random.nextInt(2));
        Ticket ticket = new Ticket(-1, clock.instant(), Optional.empty(), () -> {});
        tickets.add(ticket);
        warmUps.add(ports.get(stage).warm(sample, ticket).toCompletableFuture());
    }

    private void close() {
        closed = true;
        queue.close();
    }

    private List<String> device(List<Request> batch) {
        onDevice = true;
        try {
            if (batch.get(0).id() >= 0) {
                turns.runs(batch);
                ran.addAll(batch);
            }
            hangs.run(unit.multipliedBy(1 + random.nextInt(3)));
            if (random.nextInt(4) == 0) {
                happen(EVENTS + random.nextInt(1_000));
            }
            return answer(batch);
        } finally {
            onDevice = false;
        }
    }

    private List<String> answer(List<Request> batch) {
        if (batch.stream().anyMatch(poison::contains)) {
            throw new IllegalArgumentException("poison");
        }
        List<String> answers = batch.stream().map(Request::answer).toList();
        if (batch.size() == 1) {
            return answers;
        }
        // A fault of the batch as a whole: each of its requests succeeds when it runs alone.
        return switch (random.nextInt(8)) {
            case 0 -> answers.subList(1, answers.size());
            case 1 ->
                IntStream.range(0, answers.size() + 1).mapToObj(String::valueOf).toList();
            case 2 -> throw new AssertionError("a batch's Error");
            case 3 -> throw new OutOfMemoryError("a batch's memory");
            default -> answers;
        };
    }

    /** Returns an error if the outcome of a request has no cause in the simulated events. */
    private Optional<String> explain(Request request) {
        Throwable fault = faults.get(request);
        Ticket ticket = submitted.get(request);
        boolean right;
        if (fault == null) {
            right = ran.contains(request) && !poison.contains(request);
        } else if (fault instanceof HungRunException) {
            right = hangs.hungTwiceAndAlone(request);
        } else if (fault instanceof LaneOutException) {
            right = hangs.laneIsOut();
        } else if (fault instanceof IllegalArgumentException) {
            right = poison.contains(request);
        } else if (fault instanceof TimeoutException) {
            right = ticket != null && ticket.expired(clock.instant());
        } else if (fault instanceof CancellationException) {
            right = ticket != null && ticket.cancelled();
        } else {
            right = fault instanceof RejectedExecutionException
                    && closed
                    && (!ran.contains(request) || hangs.hung(request));
        }
        return right ? Optional.empty() : Optional.of(request + " ended with " + fault + " without a cause");
    }
}
