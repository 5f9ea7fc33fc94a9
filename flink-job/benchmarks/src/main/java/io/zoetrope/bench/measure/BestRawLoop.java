package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.device.RawLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Finds the best batch size of each of the raw loop's graphs. */
final class BestRawLoop {
    /** The batch sizes that were found, by number of threads. They remain valid because the machine does not change. */
    private static final Map<Integer, RawLoop.Batches> FOUND = new ConcurrentHashMap<>();

    private BestRawLoop() {}

    /** Opens and warms the raw loop with the batch sizes that give the most clips per second. */
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
        Duration time = context.runSize().pick(Duration.ofMillis(250), Duration.ofMillis(500));
        int[] bestBatches = new int[3];
        double[] bestRates = new double[3];
        int[] batches = context.runSize().pick(new int[] {1, 2, 8}, new int[] {1, 2, 4, 8, 16});
        for (int batch : batches) {
            try (RawLoop loop = new RawLoop(context.bundle(), threads, RawLoop.Batches.of(batch))) {
                loop.run();
                double[] rates = loop.ratesOfGraphs(time);
                for (int graph = 0; graph < rates.length; graph++) {
                    if (rates[graph] > bestRates[graph]) {
                        bestRates[graph] = rates[graph];
                        bestBatches[graph] = batch;
                    }
                }
            }
        }
        return new RawLoop.Batches(bestBatches[0], bestBatches[1], bestBatches[2]);
    }
}
