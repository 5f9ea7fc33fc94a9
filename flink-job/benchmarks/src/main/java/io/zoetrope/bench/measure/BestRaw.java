package io.zoetrope.bench.measure;

import io.zoetrope.bench.Workplace;
import io.zoetrope.bench.device.RawLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the raw loop's best batches, one for each graph. */
final class BestRaw {
    /** What was found, by threads: the machine stays the same. */
    private static final Map<Integer, RawLoop.Batches> FOUND = new ConcurrentHashMap<>();

    private BestRaw() {}

    /** The raw loop at the batches that give most clips a second, warm. */
    static RawLoop open(Workplace workplace, int threads) throws Exception {
        RawLoop.Batches batches = FOUND.get(threads);
        if (batches == null) {
            batches = find(workplace, threads);
            FOUND.put(threads, batches);
        }
        RawLoop loop = new RawLoop(workplace.bundle(), threads, batches);
        loop.run();
        return loop;
    }

    private static RawLoop.Batches find(Workplace workplace, int threads) throws Exception {
        long nanos = workplace
                .effort()
                .pick(Duration.ofMillis(250), Duration.ofMillis(500))
                .toNanos();
        int[] best = new int[3];
        double[] most = new double[3];
        int[] batches = workplace.effort().pick(new int[] {1, 2, 8}, new int[] {1, 2, 4, 8, 16});
        for (int batch : batches) {
            try (RawLoop loop = new RawLoop(workplace.bundle(), threads, RawLoop.Batches.of(batch))) {
                loop.run();
                double[] rates = loop.ratesOfGraphs(nanos);
                for (int graph = 0; graph < rates.length; graph++) {
                    if (rates[graph] > most[graph]) {
                        most[graph] = rates[graph];
                        best[graph] = batch;
                    }
                }
            }
        }
        return new RawLoop.Batches(best[0], best[1], best[2]);
    }
}
