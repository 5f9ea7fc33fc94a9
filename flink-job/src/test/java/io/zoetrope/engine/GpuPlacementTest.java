package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.failure.DeviceFaultException;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.Placement;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests engines on 1 to 8 GPUs that a fake model stands for. */
class GpuPlacementTest {
    @RegisterExtension
    private final StartedEngine engines = new StartedEngine();

    private final EngineFixture fixture = engines.fixture;
    private final FakeModel model = fixture.model;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void eachGpuHasOneCopyOfTheModelAndAllRunAtATime(int count) throws Exception {
        VideoEngine running = engines.start(onGpus(count), 64, EngineFixture::segment);
        assertThat(model.opened)
                .containsExactlyInAnyOrderElementsOf(IntStream.range(0, count)
                        .mapToObj(gpu -> "cuda:" + gpu)
                        .flatMap(gpu -> List.of("text:" + gpu, "generate:" + gpu, "decode:" + gpu).stream())
                        .toList());

        List<Gate> gates = new ArrayList<>();
        List<CompletionStage<Video>> answers = new ArrayList<>();
        for (int request = 0; request < count; request++) {
            Gate gate = new Gate("generate");
            fixture.onRun(gate);
            answers.add(running.generate(prompt("request-" + request)));
            gate.awaitArrival();
            gates.add(gate);
            fixture.clock.advance(Duration.ofSeconds(1));
        }

        assertThat(model.runs)
                .as("runs of the generator, one on each GPU at a time")
                .containsAll(IntStream.range(0, count)
                        .mapToObj(gpu -> "generate:cuda:" + gpu + ":1")
                        .toList());
        fixture.onRun((stage, batch) -> {});
        gates.forEach(Gate::open);
        answers.forEach(answer -> assertThat(join(answer)).isNotNull());
    }

    @Test
    void theRequestsOfAGpuThatFailsMoveToTheOtherAndTheGaugesSaySo() throws Exception {
        VideoEngine running = engines.start(onGpus(2), 64, EngineFixture::segment);
        fixture.onRun((stage, batch) -> {
            if (Thread.currentThread().getName().equals("lane-cuda:0")) {
                throw new RequestException(
                        FailureCode.INFERENCE_FAILED,
                        stage,
                        "generator.onnx: failed",
                        new DeviceFaultException(new IllegalStateException("CUDA failure 700")));
            }
        });

        List<CompletionStage<Video>> answers = new ArrayList<>();
        for (int request = 0; request < 40; request++) {
            answers.add(running.generate(prompt("request-" + request)));
        }

        answers.forEach(answer -> assertThat(join(answer)).isNotNull());
        assertThat(running.gauges().devices())
                .extracting(DeviceGauges::device, DeviceGauges::lanesOut)
                .containsExactlyInAnyOrder(tuple("cuda:0", 1), tuple("cuda:1", 0));
    }

    private static Placement onGpus(int count) {
        return EngineFixture.together(
                IntStream.range(0, count).mapToObj(Device::cuda).toArray(Device[]::new));
    }
}
