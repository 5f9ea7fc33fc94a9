package io.zoetrope.bench.measure;

import io.zoetrope.bench.Workplace;
import io.zoetrope.bench.device.RawLoop;
import java.time.Duration;

/** Finds the raw loop's best batch. */
final class BestRaw {
    private static final int LARGEST = 16;

    private BestRaw() {}

    /** The raw loop at the batch that gives most clips a second, warm. */
    static RawLoop open(Workplace workplace, int threads) throws Exception {
        long nanos = workplace
                .effort()
                .pick(Duration.ofMillis(600), Duration.ofMillis(1500))
                .toNanos();
        int best = 1;
        double rate = 0;
        for (int batch = 1; batch <= LARGEST; batch *= 2) {
            try (RawLoop loop = new RawLoop(workplace.bundle(), threads, batch)) {
                loop.run();
                double found = loop.rate(nanos);
                if (found > rate) {
                    rate = found;
                    best = batch;
                }
            }
        }
        RawLoop loop = new RawLoop(workplace.bundle(), threads, best);
        loop.run();
        return loop;
    }
}
