package io.zoetrope.lane;

import java.util.concurrent.CompletableFuture;

/** A request that is run for what it teaches; its answer is dropped. */
record WarmUp<I, O>(Bucket<I, O> bucket, I sample, CompletableFuture<Void> done) {}
