package io.zoetrope.lane;

import java.time.Duration;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** What a stage did on a lane, in totals since the start. */
public final class StageMeter {
    private final LongAdder batches = new LongAdder();
    private final LongAdder failedBatches = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder ranNanos = new LongAdder();
    private final LongAdder queuedNanos = new LongAdder();
    private final LongAccumulator largestBatch = new LongAccumulator(Math::max, 0);

    StageMeter() {}

    void add(LaneRun run) {
        batches.increment();
        ranNanos.add(run.took().toNanos());
        largestBatch.accumulate(run.batchSize());
        if (run.failed()) {
            failedBatches.increment();
        } else {
            requests.add(run.batchSize());
            queuedNanos.add(run.queued().toNanos());
        }
    }

    /** Runs, also those that failed. */
    public long batches() {
        return batches.sum();
    }

    /** Runs that threw or answered a wrong count. */
    public long failedBatches() {
        return failedBatches.sum();
    }

    /** Requests that were served. */
    public long requests() {
        return requests.sum();
    }

    /** Time on the device, also of runs that failed. */
    public Duration ran() {
        return Duration.ofNanos(ranNanos.sum());
    }

    /** What the requests that were served waited for the device, added up. */
    public Duration queued() {
        return Duration.ofNanos(queuedNanos.sum());
    }

    /** The most requests in a run. */
    public int largestBatch() {
        return largestBatch.intValue();
    }
}
