package io.zoetrope.chaos.job;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineGauges;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Engines whose device sleeps, and answers each request with one of a few clips that were encoded before.
 */
public final class SleepingEngines implements EngineFactory {
    private static final long serialVersionUID = 1L;

    private static final int IN_FLIGHT_PER_SLOT = 64;

    private final List<Clip> clips;
    private final Duration perVideo;

    private SleepingEngines(List<Clip> clips, Duration perVideo) {
        this.clips = clips;
        this.perVideo = perVideo;
    }

    /** An encoded clip: its type with the codecs, its bytes, and the length of its header. */
    private static final class Clip implements Serializable {
        private static final long serialVersionUID = 1L;

        private final String contentType;
        private final byte[] payload;
        private final int initLength;

        Clip(Segment segment) {
            contentType = segment.contentType();
            ByteBuffer bytes = segment.payload();
            payload = new byte[bytes.remaining()];
            bytes.get(payload);
            initLength = segment.initLength();
        }
    }

    /**
     * Encodes the clips.
     *
     * @param perVideo the time of the device for a video
     */
    public static SleepingEngines create(Duration perVideo) {
        return new SleepingEngines(
                new ArrayList<>(Clips.encode().stream().map(Clip::new).toList()), perVideo);
    }

    @Override
    public String id() {
        return "sleeping for " + perVideo;
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
                List.of(new ModelLimits.Size(Clips.SIDE, Clips.SIDE)),
                List.of(Clips.FRAMES),
                ModelLimits.FirstFrameUse.REFUSED);
    }

    @Override
    public int inFlightPerSlot() {
        return IN_FLIGHT_PER_SLOT;
    }

    @Override
    public Engine open(DeviceSource devices) {
        return new SleepingEngine(this);
    }

    /** A device that serves one request after the other. */
    private static final class SleepingEngine implements Engine {
        private final SleepingEngines engines;
        private final ExecutorService device =
                Executors.newSingleThreadExecutor(work -> new Thread(work, "sleeping-device"));

        SleepingEngine(SleepingEngines engines) {
            this.engines = engines;
        }

        @Override
        public CompletionStage<Video> generate(Prompt prompt) {
            return CompletableFuture.supplyAsync(() -> video(prompt), device);
        }

        private Video video(Prompt prompt) {
            try {
                Thread.sleep(engines.perVideo.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("the engine was closed", e);
            }
            Clip clip = engines.clips.get(Math.floorMod(prompt.seed(), engines.clips.size()));
            Segment segment = new Segment(
                    SegmentPosition.WHOLE,
                    clip.contentType,
                    Clips.SIDE,
                    Clips.SIDE,
                    new FrameRate(12, 1),
                    Clips.FRAMES,
                    ByteBuffer.wrap(clip.payload),
                    clip.initLength);
            Duration none = Duration.ZERO;
            return new Video(
                    prompt,
                    List.of(segment),
                    "sleeping",
                    "00".repeat(32),
                    "one-step",
                    new Timings(none, none, engines.perVideo, none, none),
                    1,
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
            device.shutdownNow();
        }
    }
}
