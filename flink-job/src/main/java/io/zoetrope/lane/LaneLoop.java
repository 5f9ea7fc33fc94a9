package io.zoetrope.lane;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeoutException;

/** What a lane's thread does: batch after batch, until the queue is closed. */
final class LaneLoop<I, O> implements Runnable {
    private final RequestQueue<I, O> queue;
    private final int maxBatch;
    private final Stage<I, O> stage;
    private final InstantSource clock;

    LaneLoop(RequestQueue<I, O> queue, int maxBatch, Stage<I, O> stage, InstantSource clock) {
        this.queue = queue;
        this.maxBatch = maxBatch;
        this.stage = stage;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            while (queue.awaitWork()) {
                turn();
            }
        } finally {
            // Only a fault of the lane itself leaves anything here: nobody shall wait for a thread that is gone.
            queue.close().forEach(pending -> pending.fail(queue.closed()));
        }
    }

    /** Lets go what has expired, then runs the next batch. */
    void turn() {
        Instant now = clock.instant();
        queue.remove(pending -> pending.expired(now))
                .forEach(pending -> pending.fail(
                        new TimeoutException("the request's deadline passed before the device took it, at " + now)));
        List<Pending<I, O>> batch = queue.nextBatch(maxBatch);
        if (!batch.isEmpty()) {
            serve(batch);
        }
    }

    private void serve(List<Pending<I, O>> batch) {
        Instant startedAt = clock.instant();
        List<O> results;
        try {
            results = run(batch.stream().map(Pending::request).toList());
        } catch (Throwable fault) { // Errors too: the thread outlives them, and the request is told
            isolate(batch, fault);
            return;
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).succeed(results.get(i), startedAt, batch.size());
        }
    }

    private List<O> run(List<I> requests) throws Exception {
        Thread.interrupted(); // an interrupt that one batch left behind is not the next one's
        List<O> results = List.copyOf(stage.run(requests));
        if (results.size() != requests.size()) {
            throw new IllegalStateException("stage " + stage + ": expected one result for each request, "
                    + requests.size() + ", got " + results.size() + "; no result can be told to be whose");
        }
        return results;
    }

    private void isolate(List<Pending<I, O>> batch, Throwable fault) {
        if (batch.size() == 1) {
            batch.get(0).fail(fault);
        } else {
            batch.forEach(pending -> serve(List.of(pending)));
        }
    }
}
