package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;

/** The loop of a lane's thread: executes one turn after the other until the queue is closed. */
final class LaneLoop implements Runnable {
    private final String name;
    private final LaneQueue queue;
    private final LaneClock clock;
    private final LaneObserver observer;
    private final WatchedRuns runs;

    LaneLoop(String name, LaneQueue queue, LaneClock clock, LaneObserver observer, Watchdog watchdog) {
        this.name = name;
        this.queue = queue;
        this.clock = clock;
        this.observer = observer;
        this.runs = new WatchedRuns(name, queue, observer, watchdog);
    }

    @Override
    public void run() {
        try {
            while (queue.awaitTurn()) {
                turn();
            }
        } finally {
            // Requests are left here only after a fault of the lane itself. They fail, because no thread will run them.
            queue.close();
        }
    }

    /** Fails expired requests, then runs a warm-up or the next batch, if one is ready. */
    void turn() {
        Turn turn = queue.nextTurn();
        try {
            turn.expired().forEach(Pending::failExpired);
            if (turn.warmUp() != null) {
                warm(turn.warmUp());
            }
            if (turn.batch() != null) {
                run(turn.batch());
            }
        } catch (Throwable fault) { // A fault of the lane itself ends the loop, after every request is completed.
            turn.abandon(fault);
            throw fault;
        }
    }

    private <I, O> void warm(WarmUp<I, O> warmUp) {
        Bucket<I, O> bucket = warmUp.bucket();
        try {
            if (bucket.spec().batchSizes() instanceof BatchSizes.Measured sizes) {
                if (adopt(bucket, sizes)) {
                    Results.drop(runs.run(bucket, List.of(warmUp.sample())));
                } else if (!bucket.measured()) {
                    measure(bucket, warmUp.sample(), warmUp.ticket(), sizes);
                }
            } else {
                List<O> results = runs.run(bucket, List.of(warmUp.sample()));
                Results.drop(results);
            }
            warmUp.done().complete(null);
        } catch (Throwable fault) { // Catches Errors too, because the thread must survive them.
            warmUp.fail(fault);
        }
    }

    private <I, O> void run(Batch<I, O> batch) {
        Bucket<I, O> bucket = batch.bucket();
        if (!bucket.measured() && bucket.spec().batchSizes() instanceof BatchSizes.Measured sizes) {
            try {
                Pending<I, O> first = batch.requests().get(0);
                if (!adopt(bucket, sizes)) {
                    measure(bucket, first.request(), first.ticket(), sizes);
                }
            } catch (HungRunException hung) {
                retry(batch);
                return;
            } catch (Throwable fault) {
                // The fault belongs to this request, which fails alone below. The bucket's next request is measured.
            }
            serveRemaining(batch, false);
        } else {
            serve(batch, false);
        }
    }

    private <I, O> void measure(Bucket<I, O> bucket, I sample, Ticket ticket, BatchSizes.Measured sizes)
            throws Exception {
        BatchTable table = new Measurement<>(
                        bucket.spec(), inputs -> runs.run(bucket, inputs), clock, () -> queue.requireActive(ticket))
                .measure(bucket.key(), sample, sizes);
        sizes.tables().keep(table);
        queue.measured(bucket, table);
        observer.measured(name, table);
    }

    /** Takes over the batch size of a bucket if an earlier lane has measured it; returns whether it did. */
    private boolean adopt(Bucket<?, ?> bucket, BatchSizes.Measured sizes) {
        Optional<BatchTable> known = bucket.measured()
                ? Optional.empty()
                : sizes.tables().find(bucket.spec().name(), bucket.key());
        known.ifPresent(table -> {
            queue.measured(bucket, table);
            observer.measured(name, table);
        });
        return known.isPresent();
    }

    /**
     * Serves a batch after other runs delayed it: requests that expired or were cancelled meanwhile are failed, not
     * run.
     *
     * @param retry whether the batch is one request whose batch hung before
     */
    private <I, O> void serveRemaining(Batch<I, O> batch, boolean retry) {
        Instant now = clock.instant();
        List<Pending<I, O>> remaining = new ArrayList<>();
        for (Pending<I, O> pending : batch.requests()) {
            if (pending.ticket().cancelled()) {
                pending.failCancelled();
            } else if (pending.ticket().expired(now)) {
                pending.failExpired();
            } else {
                remaining.add(pending);
            }
        }
        queue.expectBatch(batch.bucket(), remaining.size());
        if (!remaining.isEmpty()) {
            serve(new Batch<>(batch.bucket(), remaining), retry);
        }
    }

    private <I, O> void serve(Batch<I, O> batch, boolean retry) {
        List<Pending<I, O>> requests = batch.requests();
        StageSpec<I, O> spec = batch.bucket().spec();
        List<I> inputs = requests.stream().map(Pending::request).toList();
        List<O> results = List.of();
        Throwable fault = null;
        long start = clock.nanoTime();
        observer.starts(name, start);
        try {
            Thread.interrupted(); // clears an interrupt from an earlier batch
            results = runs.run(batch.bucket(), inputs);
            Results.requireOnePerRequest(spec, results, inputs.size());
        } catch (Throwable thrown) { // Catches Errors too: the thread must survive them, and the request must fail.
            fault = thrown;
            Results.dropAfter(fault, results);
        }
        long end = clock.nanoTime();
        queue.ended(batch.bucket(), requests.size(), end - start, fault != null);
        observer.ran(new LaneRun(name, spec.name(), batch.bucket().key(), requests.size(), start, end, fault != null));
        if (fault instanceof HungRunException && !retry) {
            retry(batch);
            return;
        }
        if (fault != null && spec.stage().isDeviceFault(fault) && isNew(batch)) {
            runAgain(batch, fault, retry);
            return;
        }
        if (fault instanceof LaneOutException) { // the stage could not be opened again after a run of this batch
            requests.forEach(pending -> pending.ticket().loseLane());
        }
        if (fault != null) {
            isolate(batch, fault);
            return;
        }
        for (int i = 0; i < requests.size(); i++) {
            requests.get(i).succeed(results.get(i), start, end, requests.size());
        }
    }

    /** Returns whether no request of the batch was in one with which another lane was taken out of use. */
    private static boolean isNew(Batch<?, ?> batch) {
        return batch.requests().stream().noneMatch(pending -> pending.ticket().lostLane());
    }

    /**
     * Runs a batch again that met a fault of the device, until it succeeds or the lane is taken out of use; its requests
     * then move to another lane. If one of them causes the fault, it must not take out one lane after the other, so
     * there it runs as any other failing batch.
     */
    private <I, O> void runAgain(Batch<I, O> batch, Throwable fault, boolean retry) {
        runs.deviceFailed(batch.bucket().spec(), fault);
        Optional<RejectedExecutionException> refusal = queue.refusal();
        if (refusal.isEmpty()) {
            serveRemaining(batch, retry);
            return;
        }
        for (Pending<I, O> pending : batch.requests()) {
            pending.ticket().loseLane();
            pending.fail(refusal.get());
        }
    }

    /**
     * Runs a failed batch again in halves until the failing requests are alone. If the fault is a lack of memory, half
     * the batch becomes the limit of its bucket.
     */
    private <I, O> void isolate(Batch<I, O> batch, Throwable fault) {
        List<Pending<I, O>> requests = batch.requests();
        if (requests.size() == 1) {
            requests.get(0).fail(fault);
            return;
        }
        int half = requests.size() / 2;
        if (batch.bucket().spec().stage().isOutOfMemory(fault)) {
            queue.limit(batch.bucket(), half);
            observer.limited(name, batch.bucket().spec().name(), batch.bucket().key(), half);
        }
        serveRemaining(new Batch<>(batch.bucket(), requests.subList(0, half)), false);
        serveRemaining(new Batch<>(batch.bucket(), requests.subList(half, requests.size())), false);
    }

    /**
     * Runs each request of a hung batch once more, alone: a request that hangs again fails, and the others are
     * answered. Halves would take one limit more for each halving.
     */
    private <I, O> void retry(Batch<I, O> batch) {
        StageSpec<I, O> spec = batch.bucket().spec();
        runs.batchHung(spec);
        for (Pending<I, O> pending : batch.requests()) {
            Optional<RejectedExecutionException> refusal = queue.refusal();
            if (refusal.isPresent()) {
                pending.fail(refusal.get());
            } else {
                serveRemaining(new Batch<>(batch.bucket(), List.of(pending)), true);
            }
        }
        runs.takeOutIfHangsPersist(spec);
    }
}
