package io.zoetrope.lane;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Checks the promises of a lane that hold at any time and for any threads: every request is answered exactly once, with
 * its own answer; no batch exceeds the cap or mixes stages or buckets; one batch runs at a time; no answered request
 * runs.
 *
 * <p>A test reports every submission, hosts the stages that {@link #watch} returns, and at the end asserts that {@link
 * #broken} is empty. {@link TurnPromises} checks the promises that depend on the other waiting requests.
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
        Stage<Request, String> watched = new Stage<>() {
            @Override
            public List<String> run(List<Request> batch) throws Exception {
                return LanePromises.this.run(spec, batch);
            }

            @Override
            public void end(Thread runner) {
                spec.stage().end(runner);
            }

            @Override
            public void discard() throws Exception {
                spec.stage().discard();
            }

            @Override
            public void renew() throws Exception {
                spec.stage().renew();
            }
        };
        return new StageSpec<>(spec.name(), watched, spec.bucket(), spec.batchSizes(), spec.maxWait());
    }

    private List<String> run(StageSpec<Request, String> spec, List<Request> batch) throws Exception {
        if (running.incrementAndGet() > 1) {
            broken.add("one batch at a time: another ran at the same time as " + batch);
        }
        check(spec, batch);
        try {
            return spec.stage().run(batch);
        } finally {
            running.decrementAndGet();
        }
    }

    private void check(StageSpec<Request, String> spec, List<Request> batch) {
        int cap = spec.batchSizes().cap();
        if (batch.isEmpty() || batch.size() > cap) {
            broken.add("1 to " + cap + " requests per batch: got " + batch.size());
        }
        String bucket = batch.isEmpty() ? "" : batch.get(0).bucket();
        for (Request request : batch) {
            if (!request.stage().equals(spec.name())) {
                broken.add("one stage per batch: " + spec.name() + " got " + request);
            }
            if (!request.bucket().equals(bucket)) {
                broken.add("one bucket per batch: got " + batch);
            }
            AtomicInteger count = answers.get(request);
            if (count != null && count.get() > 0) {
                broken.add("no run after the answer: " + request);
            }
        }
    }

    /** Returns the promises that were broken. Call it after the lane is closed. */
    List<String> broken() {
        List<String> all = new ArrayList<>(broken);
        answers.forEach((request, count) -> {
            if (count.get() != 1) {
                all.add("one answer per request: " + request + " got " + count);
            }
        });
        return all;
    }
}
