package io.zoetrope.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a lane promises, as a check of any run: every request answered exactly once, with its own answer; no batch over
 * the maximum or across buckets; one batch at a time.
 *
 * <p>Tell it of every submission and wrap the stage in {@link #watch}; then ask for the {@link #broken} promises.
 */
final class LanePromises {
    private final int maxBatch;
    private final Map<Request, AtomicInteger> answers = new ConcurrentHashMap<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();

    LanePromises(int maxBatch) {
        this.maxBatch = maxBatch;
    }

    void submitted(Request request, CompletionStage<Served<String>> answer) {
        AtomicInteger count = new AtomicInteger();
        if (answers.put(request, count) != null) {
            throw new IllegalArgumentException("the test submitted a request twice: " + request);
        }
        answer.whenComplete((served, fault) -> {
            count.incrementAndGet();
            if (served != null && !served.value().equals(request.answer())) {
                broken.add("no mixing: " + request + " got \"" + served.value() + "\"");
            }
        });
    }

    Stage<Request, String> watch(Stage<Request, String> stage) {
        return batch -> {
            if (running.incrementAndGet() > 1) {
                broken.add("one batch at a time: another ran beside " + batch);
            }
            check(batch);
            try {
                return stage.run(batch);
            } finally {
                running.decrementAndGet();
            }
        };
    }

    private void check(List<Request> batch) {
        if (batch.isEmpty() || batch.size() > maxBatch) {
            broken.add("1 to " + maxBatch + " a batch: got " + batch.size());
        }
        if (batch.stream().map(Request::bucket).distinct().count() > 1) {
            broken.add("one bucket a batch: got " + batch);
        }
        batch.stream()
                .filter(request ->
                        answers.getOrDefault(request, new AtomicInteger()).get() > 0)
                .forEach(request -> broken.add("no run after the answer: " + request));
    }

    /** All that was promised and not kept; to be asked when the lane is closed. */
    List<String> broken() {
        List<String> all = new ArrayList<>(broken);
        answers.forEach((request, count) -> {
            if (count.get() != 1) {
                all.add("one answer each: " + request + " got " + count);
            }
        });
        return all;
    }
}
