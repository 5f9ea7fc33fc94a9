package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VideoEngineEndTest {
    @RegisterExtension
    final StartedEngine engines = new StartedEngine();

    private final EngineFixture fixture = engines.fixture;
    private final FakeModel model = fixture.model;
    private final AtomicInteger encodedVideos = new AtomicInteger();

    private Segment countAndEncode(Frames frames, FrameRate rate, SegmentPosition position) {
        encodedVideos.incrementAndGet();
        return EngineFixture.segment(frames, rate, position);
    }

    @Test
    void aWaitingRequestCanBeCancelled() throws Exception {
        VideoEngine running = engines.start();
        Gate gate = new Gate("decode");
        fixture.onRun(gate);
        CompletionStage<Video> onTheDevice = running.generate(prompt("request-1"));
        gate.awaitArrival();
        CompletionStage<Video> waiting = running.generate(prompt("request-2"));

        running.cancel(waiting);

        assertThatThrownBy(() -> join(waiting)).hasRootCauseInstanceOf(CancellationException.class);
        gate.open();
        assertThat(join(onTheDevice)).isNotNull();
    }

    @Test
    void cancellingARequestLeavesAnotherWithItsId() throws Exception {
        VideoEngine running = engines.start();
        Gate gate = new Gate("decode");
        fixture.onRun(gate);
        CompletionStage<Video> onTheDevice = running.generate(prompt("request-0"));
        gate.awaitArrival();
        CompletionStage<Video> first = running.generate(prompt("request-1"));
        CompletionStage<Video> second = running.generate(prompt("request-1"));

        running.cancel(first);

        assertThatThrownBy(() -> join(first)).hasRootCauseInstanceOf(CancellationException.class);
        gate.open();
        assertThat(join(onTheDevice)).isNotNull();
        assertThat(join(second)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "generate", "decode"})
    void aRequestCancelledWhileAStageRunsEndsBeforeTheNext(String at) throws Exception {
        VideoEngine running = engines.start(this::countAndEncode);
        CompletableFuture<CompletionStage<Video>> sent = new CompletableFuture<>();
        fixture.onRun((stage, batch) -> {
            if (stage.equals(at)) {
                running.cancel(sent.join());
            }
        });

        CompletionStage<Video> cancelled = running.generate(prompt("request-1"));
        sent.complete(cancelled);

        assertThatThrownBy(() -> join(cancelled)).hasRootCauseInstanceOf(CancellationException.class);
        assertThat(model.runs.get(model.runs.size() - 1)).isEqualTo(at + ":cpu:1");
        assertThat(encodedVideos).hasValue(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "generate", "decode"})
    void aRequestThatExpiresWhileAStageRunsEndsBeforeTheNext(String at) throws Exception {
        VideoEngine running = engines.start(this::countAndEncode);
        fixture.onRun((stage, batch) -> {
            if (stage.equals(at)) {
                fixture.clock.advance(Duration.ofMinutes(1));
            }
        });

        CompletionStage<Video> late = running.generate(fixture.due("request-1", Duration.ofSeconds(30)));

        assertThatThrownBy(() -> join(late)).hasRootCauseInstanceOf(TimeoutException.class);
        assertThat(model.runs.get(model.runs.size() - 1)).isEqualTo(at + ":cpu:1");
        assertThat(encodedVideos).hasValue(0);
    }

    @Test
    void closingWaitsForTheRunAndRejectsWaitingRequests() throws Exception {
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
        EngineFixture.awaitCall(closing, "awaitNoneLeft");
        gate.open();
        closing.join();

        assertThatThrownBy(() -> join(onTheDevice)).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> running.generate(prompt("request-3"))).isInstanceOf(RejectedExecutionException.class);
        assertThat(model.closed).containsExactly("decode:cpu", "generate:cpu", "text:cpu", "tokenizer");
    }

    @Test
    void interruptedCloserStillWaitsForTheRunAndKeepsItsInterrupt() throws Exception {
        VideoEngine running = fixture.open();
        Gate gate = new Gate("generate");
        fixture.onRun(gate);
        CompletionStage<Video> onTheDevice = running.generate(prompt("request-1"));
        gate.awaitArrival();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread closing = new Thread(
                () -> {
                    running.close();
                    interrupted.set(Thread.currentThread().isInterrupted());
                },
                "closing");
        closing.start();
        EngineFixture.awaitCall(closing, "awaitNoneLeft");

        closing.interrupt();
        EngineFixture.awaitCall(closing, "awaitUninterruptibly");
        assertThat(model.closed).isEmpty();
        gate.open();
        closing.join();

        assertThat(interrupted).isTrue();
        assertThat(onTheDevice.toCompletableFuture()).isCompletedExceptionally();
        assertThat(model.closed).containsExactly("decode:cpu", "generate:cpu", "text:cpu", "tokenizer");
    }

    /** Combines faults, cancellations and deadlines in all stages; the extension then checks that nothing is left. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverHappensEveryRequestIsAnsweredAndFreesItsMemory(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        VideoEngine running =
                engines.start(EngineFixture.together(Device.cuda(0), Device.cuda(1)), 6, (frames, rate, position) -> {
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
                running.cancel(answers.get(Math.max(0, i - random.nextInt(4))));
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
}
