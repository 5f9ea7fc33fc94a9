package io.zoetrope.bench.device;

import io.zoetrope.bench.statistics.Rate;
import io.zoetrope.device.Device;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.engine.EngineOptions;
import io.zoetrope.engine.VideoEngine;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Model;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.Placement;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.RunLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.VideoShape;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The job's engine without Flink and Kafka: tokenizer, lane, stages and encoders. */
public final class LanePath implements AutoCloseable {
    private static final int MAX_BATCH = 32;
    private static final int ENCODE_THREADS = 2;
    private static final int IN_FLIGHT = 2 * (16 + ENCODE_THREADS);

    private final VideoEngine engine;
    private final VideoShape shape;
    private int submitted;

    private LanePath(VideoEngine engine, VideoShape shape) {
        this.engine = engine;
        this.shape = shape;
    }

    /**
     * Opens the engine with the job's defaults, except that it has one lane.
     *
     * @param model the model, which the engine closes
     * @param encoder the encoder of the frames
     * @param threads the inference threads of a run
     */
    public static LanePath open(Model model, VideoEncoder encoder, int threads) throws Exception {
        LaneOptions lane = new LaneOptions(
                1,
                threads,
                MAX_BATCH,
                Duration.ofSeconds(2),
                Duration.ZERO,
                new RunLimits(Duration.ofSeconds(30), Duration.ofMinutes(10)));
        List<Device> cpu = List.of(Device.CPU);
        EngineOptions options = new EngineOptions(new Placement(cpu, cpu, cpu), lane, IN_FLIGHT, ENCODE_THREADS);
        return new LanePath(
                VideoEngine.open(model, encoder, options, ModelLanes.processWide(), LaneClock.system()),
                model.defaultShape());
    }

    /** Returns the videos per second with the maximum number of requests in flight that the engine accepts. */
    public double rate(int videos) throws Exception {
        long[] nanos = new long[videos];
        CompletableFuture<?>[] answers = new CompletableFuture<?>[videos];
        for (int i = 0; i < videos; i++) {
            int index = i;
            answers[i] = engine.generate(prompt(i))
                    .thenRun(() -> nanos[index] = System.nanoTime())
                    .toCompletableFuture();
        }
        CompletableFuture.allOf(answers).join();
        return Rate.steady(nanos);
    }

    private Prompt prompt(int index) {
        return new Prompt(
                new RequestId("clip-" + submitted++),
                Clips.text(index),
                index,
                1,
                shape,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }

    @Override
    public void close() {
        engine.close();
    }
}
