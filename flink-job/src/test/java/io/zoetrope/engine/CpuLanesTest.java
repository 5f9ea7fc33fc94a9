package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CpuLanesTest {
    private static final LaneOptions TWO_LANES =
            new LaneOptions(2, 1, 1, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);

    private final EngineFixture fixture = new EngineFixture();
    private final FakeModel model = fixture.model;

    private VideoEngine open() throws Exception {
        VideoEngine engine = VideoEngine.open(
                model,
                EngineFixture::segment,
                new EngineOptions(EngineFixture.ON_CPU, TWO_LANES, 8, 1),
                fixture.lanes,
                fixture.clock);
        model.runs.clear();
        return engine;
    }

    @Test
    void lanesShareWhatIsOpenedOnceAndClosedOnce() throws Exception {
        VideoEngine first = open();
        VideoEngine second = open();

        assertThat(model.opened).containsExactly("text:cpu", "generate:cpu", "decode:cpu");
        assertThat(model.threads).contains("lane-cpu-0", "lane-cpu-1");

        first.close();
        assertThat(model.closed).containsExactly("tokenizer");
        second.close();
        assertThat(model.closed).containsExactly("tokenizer", "decode:cpu", "generate:cpu", "text:cpu", "tokenizer");
        assertThat(model.outstanding()).isZero();
    }

    @Test
    void lanesRunOneStageInParallel() throws Exception {
        try (VideoEngine engine = open()) {
            BothRun both = new BothRun(engine);

            both.open.countDown();

            assertThat(join(both.one).prompt().requestId().value()).isEqualTo("request-1");
            assertThat(join(both.two).prompt().requestId().value()).isEqualTo("request-2");
        }
    }

    @Test
    void gaugesShowTheLanesAsOneDevice() throws Exception {
        try (VideoEngine engine = open()) {
            BothRun both = new BothRun(engine);
            DeviceGauges cpu = engine.gauges().devices().get(0);
            Duration before = cpu.busy();
            fixture.clock.advance(Duration.ofSeconds(20));

            assertThat(engine.gauges().devices()).hasSize(1);
            assertThat(cpu.device()).isEqualTo("cpu");
            assertThat(cpu.sessions()).isEqualTo(3);
            assertThat(cpu.sessionBytes()).isEqualTo(3 * FakeModel.FILE_BYTES);
            assertThat(cpu.busy().minus(before))
                    .as("busy time of two running lanes")
                    .isEqualTo(Duration.ofSeconds(20));
            assertThat(cpu.busyRatio()).isGreaterThan(0.9).isLessThanOrEqualTo(1);
            assertThat(cpu.batchChoices())
                    .extracting(DeviceGauges.BatchChoice::stage)
                    .as("batch sizes, measured on each lane and reported once")
                    .containsExactlyInAnyOrder("text", "generate", "decode");

            both.open.countDown();
            join(both.one);
            join(both.two);
        }
    }

    /** Two requests that run in the generator, on two lanes, until the latch is counted down. */
    private final class BothRun {
        private final CountDownLatch open = new CountDownLatch(1);
        private final CompletionStage<Video> one;
        private final CompletionStage<Video> two;

        private BothRun(VideoEngine engine) throws InterruptedException {
            one = held(engine, "request-1");
            // The run of the first lane becomes overdue, so that the lane gets no more requests.
            fixture.clock.advance(Duration.ofSeconds(1));
            two = held(engine, "request-2");
        }

        private CompletionStage<Video> held(VideoEngine engine, String requestId) throws InterruptedException {
            CountDownLatch arrival = new CountDownLatch(1);
            fixture.onRun((stage, batch) -> {
                if (stage.equals("generate")) {
                    arrival.countDown();
                    Gate.await(open);
                }
            });
            CompletionStage<Video> held = engine.generate(prompt(requestId));
            Gate.await(arrival);
            return held;
        }
    }
}
