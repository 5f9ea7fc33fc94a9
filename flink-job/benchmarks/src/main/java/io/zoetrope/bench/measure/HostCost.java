package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.device.FixedBatch;
import io.zoetrope.bench.device.RawLoop;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.InterleavedRounds;
import io.zoetrope.bench.statistics.Summary;
import io.zoetrope.buffer.Pooled;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.List;

/**
 * Measures what noise, arithmetic and copies cost in addition to inference. It compares processor time, because other
 * processes on the machine have little effect on it.
 */
public final class HostCost implements Measurement {
    private static final int BATCH = 4;
    private static final int WARM_RUNS = 15;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @Override
    public String key() {
        return "host_cpu_over_inference";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        context.log("host cost: processor time of the stages and of the raw loop");
        int runs = context.runSize().pick(4, 10);
        try (RawLoop raw = new RawLoop(context.bundle(), 1, RawLoop.Batches.of(BATCH));
                FixedBatch stages = new FixedBatch(context.bundle(), 1, BATCH)) {
            for (int i = 0; i < WARM_RUNS; i++) {
                raw.run();
                Pooled.closeAll(stages.run());
            }
            InterleavedRounds results = InterleavedRounds.measure(
                    context.runSize().pick(3, 20),
                    () -> {
                        long start = THREADS.getCurrentThreadCpuTime();
                        for (int i = 0; i < runs; i++) {
                            Pooled.closeAll(stages.run());
                        }
                        return (THREADS.getCurrentThreadCpuTime() - start) / 1e6 / runs / BATCH;
                    },
                    () -> {
                        long start = THREADS.getCurrentThreadCpuTime();
                        for (int i = 0; i < runs; i++) {
                            raw.run();
                        }
                        return (THREADS.getCurrentThreadCpuTime() - start) / 1e6 / runs / BATCH;
                    });
            return new Finding(
                    key(),
                    "Processor time in addition to inference",
                    Goal.atMost(0.02),
                    overhead(results),
                    "noise, arithmetic and copies, over inference",
                    List.of(
                            new Figure("stages_cpu_per_video", results.side(0), "ms"),
                            new Figure("inference_cpu_per_video", results.side(1), "ms")),
                    List.of("The job's stages run on a batch of " + BATCH
                            + ", from tokens and seeds to frames; the raw loop runs on an equal batch. Both use one"
                            + " thread, and both figures are the thread's processor time. The difference is the host's"
                            + " overhead; it can be slightly below zero."),
                    List.of());
        }
    }

    private static Summary overhead(InterleavedRounds results) {
        double[] stages = results.values().get(0);
        double[] raw = results.values().get(1);
        double[] over = new double[stages.length];
        Arrays.setAll(over, i -> stages[i] / raw[i] - 1);
        return Summary.of(over);
    }
}
