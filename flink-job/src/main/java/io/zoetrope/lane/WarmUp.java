package io.zoetrope.lane;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** A request that runs only to warm up and measure its bucket. Its results are dropped. */
record WarmUp<I, O>(Bucket<I, O> bucket, I sample, Ticket ticket, LaneQueue queue, CompletableFuture<Void> done)
        implements Waiter {
    @Override
    public void fail(Throwable fault) {
        done.completeExceptionally(fault);
    }

    @Override
    public void failCancelled() {
        fail(new CancellationException("the warm-up was cancelled before its end"));
    }
}
