package io.zoetrope;

import io.zoetrope.decode.Frames;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.flink.Engine;
import io.zoetrope.flink.EngineGauges;
import io.zoetrope.lane.Admission;
import io.zoetrope.lane.BatchSizes;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneMeter;
import io.zoetrope.lane.LanePort;
import io.zoetrope.lane.Served;
import io.zoetrope.lane.StageTerms;
import io.zoetrope.lane.Ticket;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One model on one device, and the CPU threads that encode beside it.
 *
 * <pre>
 * prompt -> tokens -> [ text encode -> sample -> decode ] -> encode -> video
 *           caller     lane: one thread, in batches          pool, beside the next batch
 * </pre>
 */
final class VideoEngine implements Engine {
    /**
     * What an engine is made of and how it runs.
     *
     * @param model its stages, which the engine closes
     * @param encoder of the frames
     * @param frameRate of the videos
     * @param name the bundle's
     * @param digest the bundle's
     */
    record Parts(ModelStages model, VideoEncoder encoder, FrameRate frameRate, String name, String digest) {}

    /**
     * How much an engine takes on.
     *
     * @param batchMax most prompts in a batch
     * @param queueCapacity prompts that may be in flight
     * @param encodeThreads videos encoded side by side
     */
    record Limits(int batchMax, int queueCapacity, int encodeThreads) {}

    private final Parts parts;
    private final InstantSource clock;
    private final Admission admission;
    private final Lane lane;
    private final LanePort<DeviceStage.Request, DeviceStage.Rendered> device;
    private final EncodePool pool;
    private final EngineGauges gauges;

    private VideoEngine(Parts parts, Limits limits, InstantSource clock) {
        this.parts = parts;
        this.clock = clock;
        this.admission = new Admission(limits.queueCapacity(), clock);
        LaneMeter meter = new LaneMeter(LaneClock.system());
        this.lane = Lane.start(parts.name(), LaneClock.system(), meter);
        this.device = lane.host(new StageTerms<>(
                "text, generate, decode",
                new DeviceStage(parts.model(), clock),
                DeviceStage.Request::bucket,
                new BatchSizes.Fixed(limits.batchMax()),
                Duration.ZERO));
        this.pool = new EncodePool(limits.encodeThreads());
        this.gauges = new OneLaneGauges(admission, lane, meter, parts.model().fileBytes());
    }

    /** Starts an engine and its threads. */
    static VideoEngine start(Parts parts, Limits limits, InstantSource clock) {
        return new VideoEngine(parts, limits, clock);
    }

    @Override
    public CompletionStage<Video> generate(Prompt prompt) throws InterruptedException {
        DeviceStage.Request request =
                new DeviceStage.Request(prompt, parts.model().tokenizer().tokenize(prompt.text()));
        Ticket ticket = admission.enter(prompt.requestId(), prompt.deadline());
        return device.submit(request, ticket)
                .thenApplyAsync(served -> video(prompt, served), pool)
                .whenComplete((video, fault) -> ticket.close());
    }

    @Override
    public void cancel(RequestId requestId) {
        lane.cancel(ticket -> ticket.id().equals(requestId));
    }

    @Override
    public EngineGauges gauges() {
        return gauges;
    }

    /** In the order of the flow, so that what has left a stage still finds the next. */
    @Override
    public void close() {
        admission.close();
        lane.close();
        pool.close();
        parts.model().close();
    }

    private Video video(Prompt prompt, Served<DeviceStage.Rendered> served) {
        DeviceStage.Rendered rendered = served.value();
        Instant started = clock.instant();
        Segment segment;
        try (Frames frames = rendered.frames()) {
            segment = parts.encoder().encode(frames, parts.frameRate(), SegmentPosition.WHOLE);
        }
        Instant ended = clock.instant();
        return new Video(
                prompt,
                List.of(segment),
                parts.name(),
                parts.digest(),
                rendered.sampler().name(),
                new Timings(
                        served.queued(),
                        rendered.text(),
                        rendered.generate(),
                        rendered.decode(),
                        Duration.between(started, ended)),
                served.batchSize(),
                ended);
    }
}
