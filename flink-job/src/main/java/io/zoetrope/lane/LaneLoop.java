package io.zoetrope.lane;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What a lane's thread does: turn after turn, until the queue is closed. */
final class LaneLoop implements Runnable {
    private final String name;
    private final LaneQueue queue;
    private final LaneClock clock;
    private final LaneObserver observer;

    LaneLoop(String name, LaneQueue queue, LaneClock clock, LaneObserver observer) {
        this.name = name;
        this.queue = queue;
        this.clock = clock;
        this.observer = observer;
    }

    @Override
    public void run() {
        try {
            while (queue.awaitTurn()) {
                turn();
            }
        } finally {
            // Only a fault of the lane itself leaves anything here: nobody shall wait for a thread that is gone.
            queue.close();
        }
    }

    /** Lets go what has expired, then runs a warm-up or the next batch, if one is due. */
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
        } catch (Throwable fault) { // the lane's own: it ends with it, but nobody is left without an answer
            turn.abandon(fault);
            throw fault;
        }
    }

    private <I, O> void warm(WarmUp<I, O> warmUp) {
        Bucket<I, O> bucket = warmUp.bucket();
        try {
            if (bucket.spec().batchSizes() instanceof BatchSizes.Measured sizes) {
                if (!bucket.measured()) {
                    measure(bucket, warmUp.sample(), warmUp.ticket(), sizes);
                }
            } else {
                List<O> results = bucket.spec().stage().run(List.of(warmUp.sample()));
                Results.drop(results);
            }
            warmUp.done().complete(null);
        } catch (Throwable fault) { // Errors too: the thread outlives them
            warmUp.fail(fault);
        }
    }

    private <I, O> void run(Batch<I, O> batch) {
        Bucket<I, O> bucket = batch.bucket();
        if (!bucket.measured() && bucket.spec().batchSizes() instanceof BatchSizes.Measured sizes) {
            try {
                Pending<I, O> first = batch.requests().get(0);
                measure(bucket, first.request(), first.ticket(), sizes);
            } catch (Throwable fault) {
                // This request's own: it fails alone below, and the next one of the bucket is measured.
                serveThoseLeft(batch);
                return;
            }
            serveThoseLeft(batch);
            return;
        }
        serve(batch);
    }

    private <I, O> void measure(Bucket<I, O> bucket, I sample, Ticket ticket, BatchSizes.Measured sizes)
            throws Exception {
        BatchTable table = new Measurement<>(bucket.spec(), clock, () -> queue.requireWanted(ticket))
                .measure(bucket.key(), sample, sizes);
        queue.measured(bucket, table);
        observer.measured(name, table);
    }

    /** After time on the device that was not theirs: who has expired or was cancelled meanwhile costs no more of it. */
    private <I, O> void serveThoseLeft(Batch<I, O> batch) {
        Instant now = clock.instant();
        List<Pending<I, O>> left = new ArrayList<>();
        for (Pending<I, O> pending : batch.requests()) {
            if (pending.ticket().cancelled()) {
                pending.failCancelled();
            } else if (pending.ticket().expired(now)) {
                pending.failExpired();
            } else {
                left.add(pending);
            }
        }
        queue.resumes(batch.bucket(), left.size());
        if (!left.isEmpty()) {
            serve(new Batch<>(batch.bucket(), left));
        }
    }

    private <I, O> void serve(Batch<I, O> batch) {
        List<Pending<I, O>> requests = batch.requests();
        StageSpec<I, O> spec = batch.bucket().spec();
        List<I> inputs = requests.stream().map(Pending::request).toList();
        List<O> results = List.of();
        Throwable fault = null;
        long start = clock.nanoTime();
        observer.starts(name, start);
        try {
            Thread.interrupted(); // an interrupt that one batch left behind is not the next one's
            results = spec.stage().run(inputs);
            Results.requireOneEach(spec, results, inputs.size());
        } catch (Throwable thrown) { // Errors too: the thread outlives them, and the request is told
            fault = thrown;
            Results.dropAfter(fault, results);
        }
        long end = clock.nanoTime();
        queue.ended(batch.bucket(), requests.size(), end - start, fault != null);
        observer.ran(new LaneRun(name, spec.name(), batch.bucket().key(), requests.size(), start, end, fault != null));
        if (fault != null) {
            isolate(batch, fault);
            return;
        }
        for (int i = 0; i < requests.size(); i++) {
            requests.get(i).succeed(results.get(i), start, end, requests.size());
        }
    }

    /** Halves the batch until the guilty are alone. */
    private <I, O> void isolate(Batch<I, O> batch, Throwable fault) {
        List<Pending<I, O>> requests = batch.requests();
        if (requests.size() == 1) {
            requests.get(0).fail(fault);
            return;
        }
        int half = requests.size() / 2;
        serveThoseLeft(new Batch<>(batch.bucket(), requests.subList(0, half)));
        serveThoseLeft(new Batch<>(batch.bucket(), requests.subList(half, requests.size())));
    }
}
