package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.Placement;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VideoEngineFlowTest {
    @RegisterExtension
    final StartedEngine engines = new StartedEngine();

    private final EngineFixture fixture = engines.fixture;
    private final FakeModel model = fixture.model;

    @Test
    void theDeviceContinuesHoweverManyVideosWaitForTheEncoder() throws Exception {
        CountDownLatch encode = new CountDownLatch(1);
        VideoEngine running = engines.start((frames, rate, position) -> {
            Gate.await(encode);
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
        Gate.await(decoded);
        encode.countDown();

        videos.forEach(EngineFixture::join);
    }

    @Test
    void aRequestWaitsWhileTheMaximumIsInFlight() throws Exception {
        CountDownLatch encode = new CountDownLatch(1);
        VideoEngine running = engines.start(EngineFixture.ON_CPU, 2, (frames, rate, position) -> {
            Gate.await(encode);
            return EngineFixture.segment(frames, rate, position);
        });
        running.generate(prompt("request-1"));
        running.generate(prompt("request-2"));

        CompletionStage<Video> third = running.generate(prompt("request-3"));
        CompletionStage<Video> cancelled = running.generate(prompt("request-4"));
        running.cancel(cancelled);

        assertThat(running.gauges().inFlight()).isEqualTo(2);
        assertThatThrownBy(() -> join(cancelled)).hasRootCauseInstanceOf(CancellationException.class);
        assertThat(third.toCompletableFuture()).isNotDone();
        assertThat(model.runs).as("runs of two requests").hasSizeLessThanOrEqualTo(6);
        encode.countDown();
        assertThat(join(third).prompt().requestId()).isEqualTo(new RequestId("request-3"));
    }

    @Test
    void stagesOnDifferentDevicesOverlap() throws Exception {
        Placement apart = new Placement(List.of(Device.CPU), List.of(Device.cuda(0)), List.of(Device.cuda(1)));
        VideoEngine running = engines.start(apart, 16, EngineFixture::segment);
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

        // While the first is decoded and the second is generated, the text encoder runs the third.
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
        Placement two = EngineFixture.together(Device.cuda(0), Device.cuda(1));
        VideoEngine running = engines.start(two, 16, EngineFixture::segment);
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
    void theGaugesShowOpenStagesAndMeasuredBatchSizes() throws Exception {
        VideoEngine running = engines.start();
        Gate gate = new Gate("generate");
        fixture.onRun(gate);
        CompletionStage<Video> first = running.generate(prompt("request-1"));
        gate.awaitArrival();
        CompletionStage<Video> second = running.generate(prompt("request-2"));

        DeviceGauges device = running.gauges().devices().get(0);
        assertThat(running.gauges().inFlight()).isEqualTo(2);
        assertThat(device.device()).isEqualTo("cpu");
        assertThat(device.queued()).isEqualTo(1);
        assertThat(device.sessions()).isEqualTo(3);
        assertThat(device.sessionBytes()).isEqualTo(3 * FakeModel.FILE_BYTES);
        Map<Integer, Duration> times = Map.of(1, EngineFixture.RUN, 2, EngineFixture.RUN, 4, EngineFixture.RUN);
        assertThat(device.batchChoices())
                .contains(
                        new DeviceGauges.BatchChoice("text", "8", 4, times),
                        new DeviceGauges.BatchChoice("generate", "8x1x1x1x1", 4, times),
                        new DeviceGauges.BatchChoice("decode", "1x1x1", 4, times));

        gate.open();
        join(first);
        join(second);
        running.close();
        assertThat(device.queued()).isZero();
        assertThat(device.sessions()).isZero();
        assertThat(device.sessionBytes()).isZero();
        assertThat(device.busy()).isPositive();
    }
}
