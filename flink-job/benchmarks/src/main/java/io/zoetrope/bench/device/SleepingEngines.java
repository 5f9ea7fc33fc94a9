package io.zoetrope.bench.device;

import io.zoetrope.bench.simulation.DeviceTimes;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineGauges;
import io.zoetrope.lane.Served;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.Seed;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Engines for the whole job whose devices sleep and whose videos consist of zeros.
 *
 * @param devices the number of devices
 * @param base the part of a batch's time that does not depend on the batch's size
 * @param each the part of a batch's time per request
 * @param maxBatch the largest number of requests in a batch
 * @param payloadBytes the size of a video
 * @param encodeThreads the number of threads that make the videos
 */
public record SleepingEngines(
        int devices, Duration base, Duration each, int maxBatch, int payloadBytes, int encodeThreads)
        implements EngineFactory {
    private static final int INIT_LENGTH = 100;
    private static final VideoShape SHAPE = new VideoShape(64, 64, 17);

    @Override
    public String id() {
        return toString();
    }

    @Override
    public String digest() {
        return "00".repeat(32);
    }

    @Override
    public ModelLimits limits() {
        return new ModelLimits(
                "sleeping",
                List.of(1),
                List.of(new ModelLimits.Size(SHAPE.width(), SHAPE.height())),
                List.of(SHAPE.frames()),
                ModelLimits.FirstFrameUse.REFUSED);
    }

    @Override
    public int inFlightPerSlot() {
        return 2 * (maxBatch * devices + encodeThreads);
    }

    @Override
    public Engine open(DeviceSource source) throws InterruptedException {
        return new SleepingEngine(this);
    }

    private static final class SleepingEngine implements Engine {
        private final SleepingEngines engines;
        private final SleepingDevices<Prompt> devices;
        private final ExecutorService encoders;

        SleepingEngine(SleepingEngines engines) throws InterruptedException {
            this.engines = engines;
            RequestId id = new RequestId("warm-up");
            Prompt sample = new Prompt(
                    id,
                    "warm up",
                    Seed.derive(id),
                    1,
                    SHAPE,
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    Instant.EPOCH);
            this.devices = new SleepingDevices<>(
                    engines.devices, new DeviceTimes(engines.base, engines.each, engines.maxBatch), sample);
            this.encoders = Executors.newFixedThreadPool(engines.encodeThreads);
        }

        @Override
        public CompletionStage<Video> generate(Prompt prompt) {
            return devices.submit(prompt).thenApplyAsync(served -> video(prompt, served), encoders);
        }

        private Video video(Prompt prompt, Served<Prompt> served) {
            Duration none = Duration.ZERO;
            Segment segment = new Segment(
                    SegmentPosition.WHOLE,
                    "video/mp4; codecs=\"av01.0.00M.08\"",
                    64,
                    64,
                    new FrameRate(12, 1),
                    17,
                    ByteBuffer.allocate(engines.payloadBytes),
                    INIT_LENGTH);
            return new Video(
                    prompt,
                    List.of(segment),
                    "sleeping",
                    "00".repeat(32),
                    "one-step",
                    new Timings(served.queued(), none, served.ran(), none, none),
                    served.batchSize(),
                    Instant.now());
        }

        @Override
        public void cancel(CompletionStage<Video> answer) {}

        @Override
        public EngineGauges gauges() {
            return new EngineGauges() {
                @Override
                public int inFlight() {
                    return 0;
                }

                @Override
                public List<DeviceGauges> devices() {
                    return List.of();
                }
            };
        }

        @Override
        public void close() {
            devices.close();
            encoders.shutdownNow();
        }
    }
}
