package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Random arrivals, faults, deadlines, cancellations and closes in virtual time. A seed that fails fails again. */
class LaneSimulationTest {
    private static final int SEEDS = 5_000;
    private static final int EVENTS = 60;

    @Test
    void promisesAreKeptWhateverHappens() {
        for (long seed = 0; seed < SEEDS; seed++) {
            assertThat(new Simulation(seed).run()).as("seed %d", seed).isEmpty();
        }
    }

    private static final class Simulation {
        private final Random random;
        private final TestClock clock = new TestClock();
        private final int maxBatch;
        private final LanePromises promises;
        private final RequestQueue<Request, String> queue = new RequestQueue<>(EVENTS);
        private final LaneLoop<Request, String> loop;
        private final Set<Request> poison = new HashSet<>();
        private final Set<Request> ran = new HashSet<>();
        private final Map<Request, Throwable> faults = new HashMap<>();
        private final Map<Request, Instant> deadlines = new HashMap<>();
        private final Set<Request> cancelled = new HashSet<>();
        private final List<Request> submitted = new ArrayList<>();

        Simulation(long seed) {
            random = new Random(seed);
            maxBatch = 1 + random.nextInt(4);
            promises = new LanePromises(maxBatch);
            loop = new LaneLoop<>(queue, maxBatch, promises.watch(this::device), clock);
        }

        List<String> run() {
            for (int event = 0; event < EVENTS; event++) {
                switch (random.nextInt(8)) {
                    case 0, 1, 2, 3 -> submit(event);
                    case 4 -> clock.advance(Duration.ofMillis(random.nextInt(20)));
                    case 5 -> cancelOne();
                    default -> loop.turn();
                }
            }
            queue.close().forEach(pending -> pending.fail(queue.closed()));
            List<String> broken = new ArrayList<>(promises.broken());
            submitted.forEach(request -> explain(request).ifPresent(broken::add));
            return broken;
        }

        private void submit(int id) {
            Request request = new Request(id, String.valueOf(random.nextInt(3)));
            Optional<Instant> deadline = random.nextInt(4) == 0
                    ? Optional.of(clock.instant().plusMillis(random.nextInt(15)))
                    : Optional.empty();
            deadline.ifPresent(instant -> deadlines.put(request, instant));
            if (random.nextInt(8) == 0) {
                poison.add(request);
            }
            Pending<Request, String> pending = new Pending<>(request, request.bucket(), deadline, clock.instant());
            promises.submitted(request, pending.answer());
            pending.answer().whenComplete((served, fault) -> {
                if (fault != null) {
                    faults.put(request, fault instanceof CompletionException wrapped ? wrapped.getCause() : fault);
                }
            });
            submitted.add(request);
            try {
                queue.put(pending);
            } catch (InterruptedException e) {
                throw new AssertionError("the queue has room for all", e);
            }
        }

        private void cancelOne() {
            int id = random.nextInt(EVENTS);
            queue.remove(pending -> pending.request().id() == id).forEach(pending -> {
                cancelled.add(pending.request());
                pending.fail(new CancellationException());
            });
        }

        private List<String> device(List<Request> batch) {
            ran.addAll(batch);
            if (batch.stream().anyMatch(poison::contains)) {
                throw new IllegalArgumentException("poison");
            }
            List<String> answers = batch.stream().map(Request::answer).toList();
            if (batch.size() == 1) {
                return answers;
            }
            // A fault that strikes a batch as a whole; alone, each request gets through.
            return switch (random.nextInt(6)) {
                case 0 -> answers.subList(1, answers.size());
                case 1 ->
                    IntStream.range(0, answers.size() + 1)
                            .mapToObj(String::valueOf)
                            .toList();
                case 2 -> throw new AssertionError("a batch's Error");
                default -> answers;
            };
        }

        /** What happened to a request must have its reason. */
        private Optional<String> explain(Request request) {
            Throwable fault = faults.get(request);
            boolean right;
            if (fault == null) {
                right = ran.contains(request) && !poison.contains(request);
            } else if (fault instanceof IllegalArgumentException) {
                right = poison.contains(request);
            } else if (fault instanceof TimeoutException) {
                Instant deadline = deadlines.getOrDefault(request, Instant.MAX);
                right = !ran.contains(request) && !deadline.isAfter(clock.instant());
            } else if (fault instanceof CancellationException) {
                right = !ran.contains(request) && cancelled.contains(request);
            } else {
                right = fault instanceof RejectedExecutionException && !ran.contains(request);
            }
            return right ? Optional.empty() : Optional.of(request + " ended with " + fault + " for no reason");
        }
    }
}
