package io.zoetrope;

import static io.zoetrope.EngineFixture.join;
import static io.zoetrope.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.EngineFixture.Gate;
import io.zoetrope.device.Device;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.flink.LaneGauges;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VideoEngineTest {
    private final EngineFixture fixture = new EngineFixture();
    private final FakeModel model = fixture.model;

    private @Nullable VideoEngine engine;

    /** Whatever happened: nothing is in flight, no buffer is held, nothing stays open. */
    @AfterEach
    void everythingIsGivenBack() {
        if (engine != null) {
            engine.close();
            assertThat(engine.gauges().inFlight()).isZero();
        }
        assertThat(model.outstanding()).isZero();
        assertThat(fixture.lanes.size()).isZero();
        assertThat(model.closed).containsAll(model.opened).contains("tokenizer");
    }

    @Test
    void aVideoTellsWhatMadeIt() throws Exception {
        VideoEngine running = start();

        Video video = join(running.generate(prompt("request-1", "a circle", 7, 2)));

        assertThat(video.prompt().requestId()).isEqualTo(new RequestId("request-1"));
        assertThat(video.model()).isEqualTo("fake");
        assertThat(video.modelDigest()).isEqualTo("d1");
        assertThat(video.sampler()).isEqualTo("two-step");
        assertThat(video.batchSize()).isEqualTo(1);
        assertThat(video.segments()).singleElement().satisfies(segment -> {
            assertThat(segment.position()).isEqualTo(SegmentPosition.WHOLE);
            assertThat(segment.frameRate()).isEqualTo(FakeModel.RATE);
        });
        assertThat(video.createdAt()).isEqualTo(fixture.clock.instant());
    }

    @Test
    void timesAreThoseOfTheRunsThatServedTheVideo() throws Exception {
        VideoEngine running = start((frames, rate, position) -> {
            fixture.clock.advance(Duration.ofMillis(5));
            return EngineFixture.segment(frames, rate, position);
        });

        Video video = join(running.generate(prompt("request-1")));

        assertThat(video.timings().text()).isEqualTo(EngineFixture.RUN);
        assertThat(video.timings().generate()).isEqualTo(EngineFixture.RUN);
        assertThat(video.timings().decode()).isEqualTo(EngineFixture.RUN);
        assertThat(video.timings().encode()).isEqualTo(Duration.ofMillis(5));
        assertThat(video.timings().queue()).isZero();
    }

    @Test
    void theSeedAloneDecidesTheFramesNotTheNeighbours() throws Exception {
        VideoEngine running = start();
        ByteBuffer alone = payload(running.generate(prompt("alone", "a circle", 7, 1)));

        List<CompletionStage<Video>> together = burst(
                running,
                prompt("request-1", "a circle", 1, 1),
                prompt("request-2", "a circle", 7, 1),
                prompt("request-3", "a circle", 2, 1));

        assertThat(payload(together.get(1))).isEqualTo(alone);
        assertThat(payload(together.get(0))).isNotEqualTo(alone);
        assertThat(model.runs).contains("text:cpu:3", "generate:cpu:3", "decode:cpu:3");
    }

    @Test
    void promptsOfOtherLengthOrStepsDoNotShareABatchButAreDecodedTogether() throws Exception {
        VideoEngine running = start();
        // What is measured at first sight is not to be seen below.
        for (Prompt each :
                new Prompt[] {prompt("a", "abc", 1, 1), prompt("b", "abcdef", 1, 1), prompt("c", "abc", 1, 2)}) {
            join(running.generate(each));
        }
        model.runs.clear();

        List<CompletionStage<Video>> together = burst(
                running,
                prompt("request-1", "abc", 1, 1),
                prompt("request-2", "abcdef", 1, 1),
                prompt("request-3", "abcd", 1, 2),
                prompt("request-4", "abcd", 1, 1));
        together.forEach(EngineFixture::join);

        assertThat(model.runs.subList(3, model.runs.size()))
                .containsExactlyInAnyOrder(
                        "text:cpu:3",
                        "text:cpu:1",
                        "generate:cpu:2",
                        "generate:cpu:1",
                        "generate:cpu:1",
                        "generate:cpu:1",
                        "decode:cpu:4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "generate", "decode"})
    void aFaultNamesItsStage(String broken) throws Exception {
        VideoEngine running = start();
        fixture.onRun((stage, batch) -> {
            if (stage.equals(broken)) {
                throw new IllegalStateException("planted");
            }
        });

        RequestException fault = fault(running.generate(prompt("request-1")));

        assertThat(fault.code()).isEqualTo(FailureCode.INFERENCE_FAILED);
        assertThat(fault.stage()).isEqualTo(broken);
        assertThat(fault).hasMessageContaining("planted");
        assertThat(running.gauges().inFlight()).isZero();
    }

    @Test
    void aFaultOfTheEncoderIsTheRequestsOwn() throws Exception {
        VideoEngine running = start((frames, rate, position) -> {
            throw new RequestException(FailureCode.ENCODE_FAILED, "encode", "planted");
        });

        RequestException fault = fault(running.generate(prompt("request-1")));

        assertThat(fault.code()).isEqualTo(FailureCode.ENCODE_FAILED);
        assertThat(running.gauges().inFlight()).isZero();
        assertThat(model.outstanding()).isZero();
    }

    @Test
    void aPromptThatIsTooLongIsRefusedAtOnce() throws Exception {
        VideoEngine running = start();

        assertThatThrownBy(() -> running.generate(prompt("request-1", "x".repeat(13), 7, 1)))
                .isInstanceOf(RequestException.class)
                .hasMessage("too long");
        assertThat(running.gauges().inFlight()).isZero();
    }

    @Test
    void theDeviceGoesOnHoweverManyVideosWaitForTheEncoder() throws Exception {
        CountDownLatch encode = new CountDownLatch(1);
        VideoEngine running = start((frames, rate, position) -> {
            EngineFixture.await(encode);
            return EngineFixture.segment(frames, rate, position);
        });
        CountDownLatch decoded = new CountDownLatch(16);
        fixture.onRun((stage, batch) -> {
            for (int i = 0; stage.equals("decode") && i < batch; i++) {
                decoded.countDown();
            }
        });

        List<CompletionStage<Video>> videos = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            videos.add(running.generate(prompt("request-" + i)));
        }
        EngineFixture.await(decoded);
        encode.countDown();

        videos.forEach(EngineFixture::join);
    }

    @Test
    void whoComesWhileAsManyAsMayBeAreInFlightWaits() throws Exception {
        CountDownLatch encode = new CountDownLatch(1);
        VideoEngine running = start(EngineFixture.ON_CPU, 2, (frames, rate, position) -> {
            EngineFixture.await(encode);
            return EngineFixture.segment(frames, rate, position);
        });
        running.generate(prompt("request-1"));
        running.generate(prompt("request-2"));
        CompletableFuture<Video> third = new CompletableFuture<>();
        Thread slot = new Thread(() -> {
            try {
                running.generate(prompt("request-3")).thenAccept(third::complete);
            } catch (InterruptedException e) {
                third.completeExceptionally(e);
            }
        });
        slot.start();
        while (slot.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(running.gauges().inFlight()).isEqualTo(2);

        encode.countDown();

        assertThat(third.get().prompt().requestId()).isEqualTo(new RequestId("request-3"));
    }

    @Test
    void whatWaitsCanBeCancelled() throws Exception {
        VideoEngine running = start();
        Gate gate = new Gate("decode");
        fixture.onRun(gate);
        CompletionStage<Video> onTheDevice = running.generate(prompt("request-1"));
        gate.awaitArrival();
        CompletionStage<Video> waiting = running.generate(prompt("request-2"));

        running.cancel(new RequestId("request-2"));

        assertThatThrownBy(() -> join(waiting)).hasRootCauseInstanceOf(CancellationException.class);
        gate.open();
        assertThat(join(onTheDevice)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "generate", "decode"})
    void aRequestThatIsCancelledWhileAStageRunsLeavesBeforeTheNext(String at) throws Exception {
        List<String> encoded = new ArrayList<>();
        VideoEngine running = start((frames, rate, position) -> {
            encoded.add("encoded");
            return EngineFixture.segment(frames, rate, position);
        });
        fixture.onRun((stage, batch) -> {
            if (stage.equals(at)) {
                running.cancel(new RequestId("request-1"));
            }
        });

        CompletionStage<Video> cancelled = running.generate(prompt("request-1"));

        assertThatThrownBy(() -> join(cancelled)).hasRootCauseInstanceOf(CancellationException.class);
        assertThat(model.runs.get(model.runs.size() - 1)).isEqualTo(at + ":cpu:1");
        assertThat(encoded).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "generate", "decode"})
    void aRequestWhoseDeadlinePassesWhileAStageRunsLeavesBeforeTheNext(String at) throws Exception {
        List<String> encoded = new ArrayList<>();
        VideoEngine running = start((frames, rate, position) -> {
            encoded.add("encoded");
            return EngineFixture.segment(frames, rate, position);
        });
        fixture.onRun((stage, batch) -> {
            if (stage.equals(at)) {
                fixture.clock.advance(Duration.ofMinutes(1));
            }
        });

        CompletionStage<Video> late = running.generate(fixture.due("request-1", Duration.ofSeconds(30)));

        assertThatThrownBy(() -> join(late)).hasRootCauseInstanceOf(TimeoutException.class);
        assertThat(model.runs.get(model.runs.size() - 1)).isEqualTo(at + ":cpu:1");
        assertThat(encoded).isEmpty();
    }

    @Test
    void closingWaitsForTheRunAndTurnsDownWhatWaits() throws Exception {
        VideoEngine running = fixture.open();
        Gate gate = new Gate("generate");
        fixture.onRun(gate);
        CompletionStage<Video> onTheDevice = running.generate(prompt("request-1"));
        gate.awaitArrival();
        CompletionStage<Video> waiting = running.generate(prompt("request-2"));
        Thread closing = new Thread(running::close);
        closing.start();

        assertThatThrownBy(() -> join(waiting)).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThat(model.closed).isEmpty();
        EngineFixture.awaitCall(closing, "awaitNone");
        gate.open();
        closing.join();

        assertThatThrownBy(() -> join(onTheDevice)).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> running.generate(prompt("request-3"))).isInstanceOf(RejectedExecutionException.class);
        assertThat(model.closed).containsExactly("decode:cpu", "generate:cpu", "text:cpu", "tokenizer");
    }

    @Test
    void stagesOnOtherDevicesOverlap() throws Exception {
        Placement apart = new Placement(List.of(Device.CPU), List.of(Device.cuda(0)), List.of(Device.cuda(1)));
        VideoEngine running = start(apart, 16, EngineFixture::segment);
        Gate decode = new Gate("decode");
        Gate generate = new Gate("generate");
        fixture.onRun(decode);
        CompletionStage<Video> first = running.generate(prompt("request-1"));
        decode.awaitArrival();
        fixture.onRun((stage, batch) -> {
            decode.run(stage, batch);
            generate.run(stage, batch);
        });
        CompletionStage<Video> second = running.generate(prompt("request-2"));
        generate.awaitArrival();
        fixture.onRun(new Gate("none"));

        // The first is being decoded, the second generated; a third goes through the text encoder meanwhile.
        CompletionStage<Video> third = running.generate(prompt("request-3"));
        while (List.copyOf(model.runs).stream()
                        .filter(run -> run.startsWith("text"))
                        .count()
                < 3) {
            Thread.onSpinWait();
        }
        decode.open();
        generate.open();

        for (CompletionStage<Video> each : List.of(first, second, third)) {
            assertThat(join(each)).isNotNull();
        }
        assertThat(model.opened).containsExactlyInAnyOrder("text:cpu", "generate:cuda:0", "decode:cuda:1");
    }

    @Test
    void aRequestGoesToTheDeviceThatIsIdle() throws Exception {
        Placement two = Placement.together(List.of(Device.cuda(0), Device.cuda(1)));
        VideoEngine running = start(two, 16, EngineFixture::segment);
        Gate gate = new Gate("generate");
        fixture.onRun(gate);
        CompletionStage<Video> first = running.generate(prompt("request-1"));
        gate.awaitArrival();
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.onRun((stage, batch) -> {});

        assertThat(join(running.generate(prompt("request-2")))).isNotNull();

        gate.open();
        assertThat(join(first)).isNotNull();
        assertThat(model.runs).contains("generate:cuda:0:1", "generate:cuda:1:1");
    }

    @Test
    void theGaugesTellWhatIsOpenAndWhatWasMeasured() throws Exception {
        VideoEngine running = start();
        Gate gate = new Gate("generate");
        fixture.onRun(gate);
        CompletionStage<Video> first = running.generate(prompt("request-1"));
        gate.awaitArrival();
        CompletionStage<Video> second = running.generate(prompt("request-2"));

        LaneGauges lane = running.gauges().lanes().get(0);
        assertThat(running.gauges().inFlight()).isEqualTo(2);
        assertThat(lane.device()).isEqualTo("cpu");
        assertThat(lane.queued()).isEqualTo(1);
        assertThat(lane.sessions()).isEqualTo(3);
        assertThat(lane.sessionBytes()).isEqualTo(3 * FakeModel.FILE_BYTES);
        assertThat(lane.batchChoices())
                .contains(
                        new LaneGauges.BatchChoice("text", "8", 4, EngineFixture.RUN),
                        new LaneGauges.BatchChoice("generate", "8x1", 4, EngineFixture.RUN),
                        new LaneGauges.BatchChoice("decode", "all", 4, EngineFixture.RUN));

        gate.open();
        join(first);
        join(second);
        running.close();
        assertThat(lane.queued()).isZero();
        assertThat(lane.sessions()).isZero();
        assertThat(lane.sessionBytes()).isZero();
        assertThat(lane.busy()).isPositive();
    }

    /** Faults, cancellations and deadlines in all stages at once; what is counted after it must be nothing. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensEveryRequestIsAnsweredAndHoldsNothing(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        VideoEngine running =
                start(Placement.together(List.of(Device.cuda(0), Device.cuda(1))), 6, (frames, rate, position) -> {
                    if (frames.yuv().get(1) % 8 == 0) {
                        throw new IllegalStateException("planted");
                    }
                    return EngineFixture.segment(frames, rate, position);
                });
        SplittableRandom faults = random.split();
        fixture.onRun((stage, batch) -> {
            synchronized (faults) {
                if (faults.nextInt(6) == 0) {
                    throw new IllegalStateException("planted");
                }
            }
        });
        List<CompletableFuture<Video>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Prompt prompt = random.nextInt(4) == 0
                    ? fixture.due("request-" + i, EngineFixture.RUN.multipliedBy(random.nextInt(12)))
                    : prompt("request-" + i, "x".repeat(1 + random.nextInt(12)), i, 1 + random.nextInt(2));
            answers.add(running.generate(prompt).toCompletableFuture());
            if (random.nextInt(4) == 0) {
                running.cancel(new RequestId("request-" + (i - random.nextInt(4))));
            }
        }
        if (seed % 2 == 0) {
            running.close();
        }

        for (CompletableFuture<Video> answer : answers) {
            CompletableFuture<Void> done = answer.handle((video, fault) -> null);
            done.get(30, TimeUnit.SECONDS);
        }
    }

    private VideoEngine start() throws Exception {
        return start(EngineFixture::segment);
    }

    private VideoEngine start(VideoEncoder encoder) throws Exception {
        return start(EngineFixture.ON_CPU, 16, encoder);
    }

    private VideoEngine start(Placement placement, int inFlight, VideoEncoder encoder) throws Exception {
        VideoEngine started = fixture.open(placement, inFlight, encoder);
        engine = started;
        return started;
    }

    /** Submits while the device is held on a first prompt, so that the others wait together. */
    private List<CompletionStage<Video>> burst(VideoEngine running, Prompt... prompts) throws InterruptedException {
        Gate gate = new Gate("text");
        fixture.onRun(gate);
        CompletionStage<Video> first = running.generate(prompt("first", "abcd", 0, 1));
        gate.awaitArrival();
        List<CompletionStage<Video>> stages = new ArrayList<>();
        for (Prompt prompt : prompts) {
            stages.add(running.generate(prompt));
        }
        gate.open();
        join(first);
        return stages;
    }

    private static ByteBuffer payload(CompletionStage<Video> stage) {
        return join(stage).segments().get(0).payload();
    }

    private static RequestException fault(CompletionStage<Video> stage) {
        CompletionException thrown = catchThrowableOfType(CompletionException.class, () -> join(stage));
        assertThat(thrown.getCause()).isInstanceOf(RequestException.class);
        return (RequestException) Objects.requireNonNull(thrown.getCause());
    }
}
