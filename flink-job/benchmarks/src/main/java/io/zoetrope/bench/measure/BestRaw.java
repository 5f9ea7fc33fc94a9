package io.zoetrope.bench.measure;

import io.zoetrope.bench.Workplace;
import io.zoetrope.bench.device.RawLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the raw loop's best batch. */
final class BestRaw {
    /** What was found, by threads: the machine stays the same. */
    private static final Map<Integer, Integer> FOUND = new ConcurrentHashMap<>();

    private BestRaw() {}

    /** The raw loop at the batch that gives most clips a second, warm. */
    static RawLoop open(Workplace workplace, int threads) throws Exception {
        Integer batch = FOUND.get(threads);
        if (batch == null) {
            batch = find(workplace, threads);
            FOUND.put(threads, batch);
        }
        RawLoop loop = new RawLoop(workplace.bundle(), threads, batch);
        loop.run();
        return loop;
    }

    private static int find(Workplace workplace, int threads) throws Exception {
        long nanos = workplace
                .effort()
                .pick(Duration.ofMillis(600), Duration.ofMillis(1500))
                .toNanos();
        int best = 1;
        double rate = 0;
        int[] batches = workplace.effort().pick(new int[] {1, 2, 8}, new int[] {1, 2, 4, 8, 16});
        for (int batch : batches) {
            try (RawLoop loop = new RawLoop(workplace.bundle(), threads, batch)) {
                loop.run();
                double found = loop.rate(nanos);
                if (found > rate) {
                    rate = found;
                    best = batch;
                }
            }
        }
        return best;
    }
}
