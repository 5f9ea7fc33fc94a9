package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Measures the duration of a stage on batches of one request, each twice as large as the one before, and stops when
 * larger batches gain nothing. Each size runs once as a warm-up and then up to three times, for the median. A delay in
 * two of the three runs may stop the measurement early; the chosen size is then too small rather than too large.
 */
final class Measurement<I, O> {
    private static final int RUNS = 3;
    /** The total duration of the runs of a size after which fewer than three runs are precise enough. */
    private static final long MIN_TOTAL_NANOS = Duration.ofMillis(200).toNanos();

    /** The factor by which twice the batch size has to raise the throughput; otherwise the measurement stops. */
    private static final double GROWTH = 1.05;

    private final StageSpec<I, O> spec;
    private final LaneClock clock;
    /** Throws when the measurement must stop. Called before each run. */
    private final Runnable requireActive;

    private final Stage<I, O> runs;

    /**
     * Creates a measurement.
     *
     * @param runs runs the stage, under the watch of the lane
     */
    Measurement(StageSpec<I, O> spec, Stage<I, O> runs, LaneClock clock, Runnable requireActive) {
        this.spec = spec;
        this.runs = runs;
        this.clock = clock;
        this.requireActive = requireActive;
    }

    /**
     * Measures a bucket.
     *
     * @throws Exception from the stage if a batch of one fails, or from {@code requireActive}. A larger batch that
     *     fails ends the measurement without an exception
     */
    BatchTable measure(Object bucket, I sample, BatchSizes.Measured sizes) throws Exception {
        List<BatchTable.Row> rows = new ArrayList<>();
        String stopped = "the cap";
        int batch = 1;
        while (true) {
            try {
                rows.add(new BatchTable.Row(batch, time(Collections.nCopies(batch, sample))));
            } catch (Exception | Error fault) {
                requireActive.run();
                if (batch == 1) {
                    throw fault;
                }
                stopped = "a batch of " + batch + " failed: " + fault;
                break;
            }
            if (rows.get(rows.size() - 1).time().compareTo(sizes.latencyBound()) > 0) {
                stopped = "the latency bound, " + sizes.latencyBound();
                break;
            }
            if (!grew(rows)) {
                stopped = "throughput grew by less than 5%";
                break;
            }
            if (batch == sizes.cap()) {
                break;
            }
            batch = Math.min(2 * batch, sizes.cap());
        }
        return BatchTable.of(spec.name(), bucket, rows, sizes.latencyBound(), stopped);
    }

    private static boolean grew(List<BatchTable.Row> rows) {
        int last = rows.size() - 1;
        return last == 0
                || rows.get(last).throughput() >= GROWTH * rows.get(last - 1).throughput();
    }

    private Duration time(List<I> batch) throws Exception {
        run(batch);
        long[] nanos = new long[RUNS];
        int runs = 0;
        long spent = 0;
        while (runs < RUNS && spent < MIN_TOTAL_NANOS) {
            nanos[runs] = run(batch);
            spent += nanos[runs];
            runs++;
        }
        Arrays.sort(nanos, 0, runs);
        return Duration.ofNanos(nanos[(runs - 1) / 2]);
    }

    private long run(List<I> batch) throws Exception {
        requireActive.run();
        long start = clock.nanoTime();
        List<O> results = runs.run(batch);
        long took = clock.nanoTime() - start;
        Results.drop(results);
        Results.requireOnePerRequest(spec, results, batch.size());
        return took;
    }
}
