package io.zoetrope.lane;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Times a stage on growing batches of one request, and stops where it is no use to go on: each size is run once to warm
 * it and then up to three times, for the median. A hiccup in two of the three may stop it early; it then errs on the
 * small side.
 */
final class Measurement<I, O> {
    private static final int RUNS = 3;
    /** Runs that add up to this are long enough to be told apart by fewer than three. */
    private static final long ENOUGH_NANOS = Duration.ofMillis(200).toNanos();

    private static final double GROWTH = 1.05;

    private final StageSpec<I, O> spec;
    private final LaneClock clock;
    /** Throws when nobody wants to know any more. */
    private final Runnable requireWanted;

    Measurement(StageSpec<I, O> spec, LaneClock clock, Runnable requireWanted) {
        this.spec = spec;
        this.clock = clock;
        this.requireWanted = requireWanted;
    }

    /**
     * Measures.
     *
     * @throws Exception what the stage threw on a batch of one, for a larger batch that fails ends the measurement; or why
     *     nobody wants to know any more, asked before each run
     */
    BatchTable measure(Object bucket, I sample, BatchSizes.Measured sizes) throws Exception {
        List<BatchTable.Row> rows = new ArrayList<>();
        String stopped = "the cap";
        int batch = 1;
        while (true) {
            try {
                rows.add(new BatchTable.Row(batch, time(Collections.nCopies(batch, sample))));
            } catch (Exception | Error fault) {
                requireWanted.run();
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
        while (runs < RUNS && spent < ENOUGH_NANOS) {
            nanos[runs] = run(batch);
            spent += nanos[runs];
            runs++;
        }
        Arrays.sort(nanos, 0, runs);
        return Duration.ofNanos(nanos[(runs - 1) / 2]);
    }

    private long run(List<I> batch) throws Exception {
        requireWanted.run();
        long start = clock.nanoTime();
        List<O> results = spec.stage().run(batch);
        long took = clock.nanoTime() - start;
        Results.drop(results);
        Results.requireOneEach(spec, results, batch.size());
        return took;
    }
}
