package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.Placement;
import io.zoetrope.lane.TestClock;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Opens engines on a {@link FakeModel}. Every run advances the clock by 1 ms, whatever its batch size. */
final class EngineFixture {
    static final LaneOptions LANE = new LaneOptions(1, 0, 4, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);
    static final Placement ON_CPU = together(Device.CPU);
    static final Duration RUN = Duration.ofMillis(1);

    final TestClock clock = new TestClock();
    final ModelLanes lanes = new ModelLanes(1, FakeModel.NO_END);
    final FakeModel model = model("d1");

    FakeModel model(String digest) {
        FakeModel fake = new FakeModel(digest);
        fake.onRun((stage, batch) -> clock.advance(RUN));
        return fake;
    }

    /** Calls {@code action} on every run from now on. Usually called after the warm-up. */
    void onRun(FakeModel.OnRun action) {
        model.onRun((stage, batch) -> {
            clock.advance(RUN);
            action.run(stage, batch);
        });
    }

    /** Places all stages on each of these devices. */
    static Placement together(Device... devices) {
        List<Device> all = List.of(devices);
        return new Placement(all, all, all);
    }

    VideoEngine open() throws Exception {
        return open(ON_CPU, 16, EngineFixture::segment);
    }

    VideoEngine open(VideoEncoder encoder) throws Exception {
        return open(ON_CPU, 16, encoder);
    }

    VideoEngine open(Placement placement, int inFlight, VideoEncoder encoder) throws Exception {
        VideoEngine engine =
                VideoEngine.open(model, encoder, new EngineOptions(placement, LANE, inFlight, 1), lanes, clock);
        model.runs.clear();
        return engine;
    }

    /**
     * Fails if a lane of these devices is still leased: an engine that is opened here would then find stages open, or
     * leave them open.
     */
    void assertNoLaneIsHeld(Placement placement) throws Exception {
        onRun((stage, batch) -> {});
        model.failsToOpen = "";
        model.failsToClose = "";
        model.opened.clear();
        model.closed.clear();
        open(placement, 1, EngineFixture::segment).close();
        placement.text().forEach(device -> assertThat(model.opened).contains("text:" + device));
        placement.generate().forEach(device -> assertThat(model.opened).contains("generate:" + device));
        placement.decode().forEach(device -> assertThat(model.opened).contains("decode:" + device));
        assertThat(model.closed).containsAll(model.opened);
    }

    static Prompt prompt(String requestId) {
        return prompt(requestId, "a circle", 7, 1);
    }

    static Prompt prompt(String requestId, String text, long seed, int steps) {
        return prompt(requestId, text, seed, steps, Optional.empty());
    }

    static Prompt prompt(String requestId, String text, long seed, int steps, Optional<ByteBuffer> firstFrame) {
        return prompt(requestId, text, seed, steps, FakeModel.VIDEO, firstFrame);
    }

    static Prompt prompt(
            String requestId, String text, long seed, int steps, VideoShape shape, Optional<ByteBuffer> firstFrame) {
        return new Prompt(
                new RequestId(requestId),
                text,
                seed,
                steps,
                shape,
                firstFrame,
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }

    Prompt due(String requestId, Duration in) {
        return new Prompt(
                new RequestId(requestId),
                "a circle",
                7,
                1,
                FakeModel.VIDEO,
                Optional.empty(),
                Optional.of(clock.instant().plus(in)),
                Map.of(),
                Instant.EPOCH);
    }

    static Segment segment(Frames frames, FrameRate rate, SegmentPosition position) {
        ByteBuffer payload = ByteBuffer.allocate(6).put(frames.yuv()).flip();
        return new Segment(position, "video/mp4", frames.width(), frames.height(), rate, frames.count(), payload, 1);
    }

    static Video join(CompletionStage<Video> stage) {
        return stage.toCompletableFuture().join();
    }

    /** Returns when a method of this name is on the stack of a thread. */
    static void awaitCall(Thread thread, String method) {
        while (Arrays.stream(thread.getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals(method))) {
            Thread.onSpinWait();
        }
    }
}
