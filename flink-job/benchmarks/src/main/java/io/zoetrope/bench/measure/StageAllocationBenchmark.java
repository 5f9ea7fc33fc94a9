package io.zoetrope.bench.measure;

import io.zoetrope.bench.device.FixedBatch;
import io.zoetrope.buffer.Pooled;
import io.zoetrope.bundle.ModelBundle;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Benchmark of a batch through noise, the sampler's arithmetic and the bindings of all three graphs. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class StageAllocationBenchmark {
    private static final int BATCH = 4;

    /** The folder of the bundle. */
    @Param("onnx-export/bundles/toybox-64")
    @SuppressWarnings("NullAway.Init") // JMH sets the field before every trial
    public String bundle;

    @SuppressWarnings("NullAway.Init")
    private FixedBatch stages;

    /** Loads the stages. */
    @Setup
    public void open() {
        stages = new FixedBatch(ModelBundle.open(Path.of(bundle)), 1, BATCH);
    }

    /** Runs the stages from tokens and seeds to frames. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void noiseFlowAndBindings() {
        Pooled.closeAll(stages.run());
    }

    /** Closes the stages. */
    @TearDown
    public void close() {
        stages.close();
    }
}
