package io.zoetrope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.decode.Frames;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VideoEngineTest {
    private static final FrameRate RATE = new FrameRate(12, 1);

    private @Nullable VideoEngine engine;

    @AfterEach
    void close() {
        if (engine != null) {
            engine.close();
        }
    }

    @Test
    void aVideoTellsWhatMadeIt() throws Exception {
        VideoEngine running = start(new FakeModel(stage -> {}));

        Video video = join(running.generate(prompt("request-1", "a circle", 7, 2)));

        assertThat(video.prompt().requestId()).isEqualTo(new RequestId("request-1"));
        assertThat(video.model()).isEqualTo("fake");
        assertThat(video.modelDigest()).isEqualTo("d1");
        assertThat(video.sampler()).isEqualTo("two-step");
        assertThat(video.batchSize()).isEqualTo(1);
        assertThat(video.segments()).singleElement().satisfies(segment -> {
            assertThat(segment.position()).isEqualTo(SegmentPosition.WHOLE);
            assertThat(segment.frameRate()).isEqualTo(RATE);
        });
        assertThat(video.createdAt()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void theSeedAloneDecidesTheFramesNotTheNeighbours() throws Exception {
        Gate gate = new Gate();
        FakeModel model = new FakeModel(gate);
        VideoEngine running = start(model);
        ByteBuffer alone = payload(running.generate(prompt("alone", "a circle", 7, 1)), gate);

        List<CompletionStage<Video>> together = burst(
                running,
                gate,
                prompt("request-1", "a circle", 1, 1),
                prompt("request-2", "a circle", 7, 1),
                prompt("request-3", "a circle", 2, 1));

        assertThat(model.batches).contains(3);
        assertThat(payload(together.get(1), gate)).isEqualTo(alone);
        assertThat(payload(together.get(0), gate)).isNotEqualTo(alone);
    }

    @Test
    void promptsOfOtherLengthOrStepsDoNotShareABatch() throws Exception {
        Gate gate = new Gate();
        FakeModel model = new FakeModel(gate);
        VideoEngine running = start(model);

        List<CompletionStage<Video>> together = burst(
                running,
                gate,
                prompt("request-1", "abc", 1, 1),
                prompt("request-2", "abcdef", 1, 1),
                prompt("request-3", "abcd", 1, 2),
                prompt("request-4", "abcd", 1, 1));
        for (CompletionStage<Video> each : together) {
            join(each);
        }

        assertThat(model.batches).containsExactly(1, 2, 1, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "generate", "decode"})
    void aFaultNamesItsStage(String broken) throws Exception {
        VideoEngine running = start(new FakeModel(stage -> {
            if (stage.equals(broken)) {
                throw new IllegalStateException("planted");
            }
        }));

        RequestException fault = fault(running.generate(prompt("request-1", "a circle", 7, 1)));

        assertThat(fault.code()).isEqualTo(FailureCode.INFERENCE_FAILED);
        assertThat(fault.stage()).isEqualTo(broken);
        assertThat(fault).hasMessageContaining("planted");
    }

    @Test
    void aPromptThatIsTooLongIsRefusedAtOnce() {
        VideoEngine running = start(new FakeModel(stage -> {}));

        assertThatThrownBy(() -> running.generate(prompt("request-1", "x".repeat(13), 7, 1)))
                .isInstanceOf(RequestException.class)
                .hasMessage("too long");
    }

    @Test
    void theDeviceGoesOnWhileFramesAreEncoded() throws Exception {
        CountDownLatch secondDecoded = new CountDownLatch(2);
        VideoEngine running = start(
                new FakeModel(stage -> {
                    if (stage.equals("decode")) {
                        secondDecoded.countDown();
                    }
                }),
                (frames, rate, position) -> {
                    awaitUninterruptibly(secondDecoded);
                    return segment(frames, rate, position);
                });

        CompletionStage<Video> first = running.generate(prompt("request-1", "a circle", 7, 1));
        CompletionStage<Video> second = running.generate(prompt("request-2", "a circle", 7, 2));

        assertThat(join(first)).isNotNull();
        assertThat(join(second)).isNotNull();
    }

    @Test
    void whatWaitsCanBeCancelled() throws Exception {
        Gate gate = new Gate();
        VideoEngine running = start(new FakeModel(gate));
        gate.close();
        CompletionStage<Video> onTheDevice = running.generate(prompt("request-1", "a circle", 7, 1));
        gate.awaitArrival();
        CompletionStage<Video> waiting = running.generate(prompt("request-2", "a circle", 7, 1));

        running.cancel(new RequestId("request-1"));
        running.cancel(new RequestId("request-2"));
        gate.open();

        assertThat(join(onTheDevice)).isNotNull();
        assertThatThrownBy(() -> join(waiting)).hasRootCauseInstanceOf(CancellationException.class);
    }

    @Test
    void closingFreesTheModelAndRefusesWhatComes() {
        FakeModel model = new FakeModel(stage -> {});
        VideoEngine running = start(model);

        running.close();

        assertThat(model.closed).containsExactly("model");
        assertThatThrownBy(() -> running.generate(prompt("request-1", "a circle", 7, 1)))
                .isInstanceOf(RejectedExecutionException.class);
        engine = null;
    }

    private VideoEngine start(FakeModel model) {
        return start(model, VideoEngineTest::segment);
    }

    private VideoEngine start(FakeModel model, VideoEncoder encoder) {
        VideoEngine started = VideoEngine.start(
                new VideoEngine.Parts(model.stages(), encoder, RATE, "fake", "d1"),
                new VideoEngine.Limits(4, 16, 1),
                InstantSource.fixed(Instant.EPOCH));
        engine = started;
        return started;
    }

    /** Submits while the device is held on a first prompt, so that the others wait together. */
    private static List<CompletionStage<Video>> burst(VideoEngine engine, Gate gate, Prompt... prompts)
            throws InterruptedException {
        gate.close();
        CompletionStage<Video> first = engine.generate(prompt("first", "abcd", 0, 1));
        gate.awaitArrival();
        List<CompletionStage<Video>> stages = new ArrayList<>();
        for (Prompt prompt : prompts) {
            stages.add(engine.generate(prompt));
        }
        gate.open();
        join(first);
        return stages;
    }

    private static ByteBuffer payload(CompletionStage<Video> stage, Gate gate) {
        gate.open();
        return join(stage).segments().get(0).payload();
    }

    private static Prompt prompt(String requestId, String text, long seed, int steps) {
        return new Prompt(new RequestId(requestId), text, seed, steps, Optional.empty(), Map.of(), Instant.EPOCH);
    }

    private static Segment segment(Frames frames, FrameRate rate, SegmentPosition position) {
        ByteBuffer payload = ByteBuffer.allocate(6).put(frames.yuv()).flip();
        return new Segment(position, "video/mp4", frames.width(), frames.height(), rate, frames.count(), payload, 1);
    }

    private static Video join(CompletionStage<Video> stage) {
        return stage.toCompletableFuture().join();
    }

    private static RequestException fault(CompletionStage<Video> stage) {
        CompletionException thrown = catchThrowableOfType(CompletionException.class, () -> join(stage));
        assertThat(thrown.getCause()).isInstanceOf(RequestException.class);
        return (RequestException) Objects.requireNonNull(thrown.getCause());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Holds the device at its first stage while closed. */
    private static final class Gate implements Consumer<String> {
        private CountDownLatch open = new CountDownLatch(0);
        private CountDownLatch arrival = new CountDownLatch(1);

        @Override
        public void accept(String stage) {
            CountDownLatch passing;
            synchronized (this) {
                passing = open;
                arrival.countDown();
            }
            awaitUninterruptibly(passing);
        }

        synchronized void close() {
            open = new CountDownLatch(1);
            arrival = new CountDownLatch(1);
        }

        synchronized void open() {
            open.countDown();
        }

        void awaitArrival() {
            CountDownLatch next;
            synchronized (this) {
                next = arrival;
            }
            awaitUninterruptibly(next);
        }
    }
}
