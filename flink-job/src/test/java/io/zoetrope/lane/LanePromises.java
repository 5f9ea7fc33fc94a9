package io.zoetrope.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a lane promises at any time and to any threads: every request answered exactly once, with its own answer; no batch
 * over the cap or across stages or buckets; one batch at a time; nothing on the device once answered.
 *
 * <p>Tell it of every submission and host the stages that {@link #watch} gives; then ask for the {@link #broken}
 * promises. What needs to know who else waits is checked by {@link TurnPromises}.
 */
final class LanePromises {
    private final Map<Request, AtomicInteger> answers = new ConcurrentHashMap<>();
    private final List<String> broken = new CopyOnWriteArrayList<>();
    private final AtomicInteger running = new AtomicInteger();

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

    StageSpec<Request, String> watch(StageSpec<Request, String> spec) {
        Stage<Request, String> watched = batch -> {
            if (running.incrementAndGet() > 1) {
                broken.add("one batch at a time: another ran beside " + batch);
            }
            check(spec, batch);
            try {
                return spec.stage().run(batch);
            } finally {
                running.decrementAndGet();
            }
        };
        return new StageSpec<>(spec.name(), watched, spec.bucket(), spec.batchSizes(), spec.maxWait());
    }

    private void check(StageSpec<Request, String> spec, List<Request> batch) {
        int cap = spec.batchSizes().cap();
        if (batch.isEmpty() || batch.size() > cap) {
            broken.add("1 to " + cap + " a batch: got " + batch.size());
        }
        String bucket = batch.isEmpty() ? "" : batch.get(0).bucket();
        for (Request request : batch) {
            if (!request.stage().equals(spec.name())) {
                broken.add("one stage a batch: " + spec.name() + " got " + request);
            }
            if (!request.bucket().equals(bucket)) {
                broken.add("one bucket a batch: got " + batch);
            }
            AtomicInteger count = answers.get(request);
            if (count != null && count.get() > 0) {
                broken.add("no run after the answer: " + request);
            }
        }
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
