package io.zoetrope.bench.measure;

import io.zoetrope.bench.BenchmarkContext;
import io.zoetrope.bench.Measurement;
import io.zoetrope.bench.report.Figure;
import io.zoetrope.bench.report.Finding;
import io.zoetrope.bench.report.Goal;
import io.zoetrope.bench.statistics.Summary;
import java.util.List;
import java.util.Objects;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Measures the heap bytes that the garbage collector has to free, with JMH's GC profiler. */
public final class Allocation implements Measurement {
    /** The size of a video's pixels. */
    private static final double FRAME_BYTES = 17 * 64 * 64 * 1.5;

    @Override
    public String key() {
        return "heap_per_video_over_its_frames";
    }

    @Override
    public Finding measure(BenchmarkContext context) throws Exception {
        context.log("allocation: JMH with -prof gc");
        RunResult lane = run(context, LaneAllocationBenchmark.class);
        RunResult stages = run(context, StageAllocationBenchmark.class);
        Summary perVideo = allocated(stages);
        return new Finding(
                key(),
                "Allocation",
                Goal.atMost(0.1),
                new Summary(
                        perVideo.median() / FRAME_BYTES,
                        perVideo.low() / FRAME_BYTES,
                        perVideo.high() / FRAME_BYTES,
                        perVideo.rounds()),
                "heap bytes per video of noise, arithmetic and bindings, over the bytes of its frames",
                List.of(
                        new Figure("lane_heap_bytes_a_request", allocated(lane), "B"),
                        new Figure("stages_heap_bytes_a_video", perVideo, "B")),
                List.of("JMH measures in a separate process, with its garbage collection profiler: a request through a"
                        + " lane from its ticket to its answer, on a stage that does nothing; and the job's"
                        + " stages on a batch of 4 on the shipped bundle, from tokens and seeds to frames."
                        + " Latents and frames are outside the heap, in buffers that are reused; only the"
                        + " objects around them are counted here. A round is an iteration of JMH."),
                List.of());
    }

    private static RunResult run(BenchmarkContext context, Class<?> benchmark) throws Exception {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(benchmark.getName())
                .param("bundle", context.bundle().directory().toString())
                .addProfiler(GCProfiler.class)
                .verbosity(VerboseMode.SILENT)
                .jvmArgsAppend("-Xms512m", "-Xmx512m");
        if (context.runSize().quick()) {
            options.warmupIterations(1)
                    .measurementIterations(3)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementTime(TimeValue.seconds(1));
        }
        return new Runner(options.build()).runSingle();
    }

    private static Summary allocated(RunResult result) {
        double[] bytes = result.getBenchmarkResults().stream()
                .flatMap(fork -> fork.getIterationResults().stream())
                .mapToDouble(iteration -> Objects.requireNonNull(
                                iteration.getSecondaryResults().get("gc.alloc.rate.norm"), "JMH's allocation")
                        .getScore())
                .toArray();
        return Summary.of(bytes);
    }
}
