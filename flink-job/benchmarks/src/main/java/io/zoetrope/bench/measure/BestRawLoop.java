package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.device.RawLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the raw loop's best batches, one for each graph. */
final class BestRawLoop {
    /** What was found, by threads: the machine stays the same. */
    private static final Map<Integer, RawLoop.Batches> FOUND = new ConcurrentHashMap<>();

    private BestRawLoop() {}

    /** The raw loop at the batches that give most clips a second, warm. */
    static RawLoop open(BenchmarkContext context, int threads) throws Exception {
        RawLoop.Batches batches = FOUND.get(threads);
        if (batches == null) {
            batches = find(context, threads);
            FOUND.put(threads, batches);
        }
        RawLoop loop = new RawLoop(context.bundle(), threads, batches);
        loop.run();
        return loop;
    }

    private static RawLoop.Batches find(BenchmarkContext context, int threads) throws Exception {
        long nanos = context.runSize()
                .pick(Duration.ofMillis(250), Duration.ofMillis(500))
                .toNanos();
        int[] best = new int[3];
        double[] most = new double[3];
        int[] batches = context.runSize().pick(new int[] {1, 2, 8}, new int[] {1, 2, 4, 8, 16});
        for (int batch : batches) {
            try (RawLoop loop = new RawLoop(context.bundle(), threads, RawLoop.Batches.of(batch))) {
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
