package io.zoetrope.lane;

import java.util.List;

/** Requests of one bucket that were taken out of the queue to run together. */
record Batch<I, O>(Bucket<I, O> bucket, List<Pending<I, O>> requests) {}
