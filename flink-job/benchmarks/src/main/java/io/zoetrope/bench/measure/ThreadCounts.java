package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import java.util.List;

/** Compares a subject with the raw loop at 1 inference thread and, in a full run, also at 2. */
final class ThreadCounts {
    /** A comparison at one number of inference threads. */
    @FunctionalInterface
    interface Comparison {
        /**
         * Measures both sides, and adds further figures.
         *
         * @return the subject as side 0, the raw loop as side 1
         */
        InterleavedRounds measure(BenchmarkContext context, int threads, List<Figure> figures) throws Exception;
    }

    private ThreadCounts() {}

    /** Returns the ratio at 1 inference thread; adds the ratio at 2 to the figures. */
    static Summary overRaw(BenchmarkContext context, List<Figure> figures, Comparison comparison) throws Exception {
        InterleavedRounds one = comparison.measure(context, 1, figures);
        if (!context.runSize().quick()) {
            InterleavedRounds two = comparison.measure(context, 2, figures);
            figures.add(Figure.ratio("inference_threads_2", two.ratio(0, 1)));
        }
        return one.ratio(0, 1);
    }
}
