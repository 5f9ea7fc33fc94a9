package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zoetrope.device.Device;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ModelLanesTest {
    private final EngineFixture fixture = new EngineFixture();
    private final FakeModel model = fixture.model;

    @Test
    void jobsOfDifferentOptionsShareOpenStages() throws Exception {
        VideoEncoder otherCodec = EngineFixture::segment;
        VideoEngine first = fixture.open();
        VideoEngine second = VideoEngine.open(
                model,
                otherCodec,
                new EngineOptions(
                        EngineFixture.ON_CPU,
                        new LaneOptions(1, 3, 1, Duration.ofMillis(1), Duration.ZERO, FakeModel.LIMITS),
                        2,
                        5),
                fixture.lanes,
                fixture.clock);

        assertThat(model.opened).containsExactly("text:cpu", "generate:cpu", "decode:cpu");
        assertThat(model.runs).as("runs of a second measurement").isEmpty();

        first.close();
        assertThat(model.closed).containsExactly("tokenizer");
        assertThat(join(second.generate(prompt("request-1")))).isNotNull();

        second.close();
        assertThat(model.closed).contains("text:cpu", "generate:cpu", "decode:cpu");
        fixture.assertNoLaneIsHeld(EngineFixture.ON_CPU);
    }

    @Test
    void anEngineThatClosesLeavesTheRequestsOfOthersAlone() throws Exception {
        VideoEngine first = fixture.open();
        VideoEngine second = fixture.open();
        Gate gate = new Gate("text");
        fixture.onRun(gate);
        var running = second.generate(prompt("request-1"));
        gate.awaitArrival();
        var waiting = second.generate(prompt("request-2"));

        first.close();
        gate.open();

        assertThat(join(running)).isNotNull();
        assertThat(join(waiting)).isNotNull();
        second.close();
    }

    @Test
    void anotherModelHasItsOwnLane() throws Exception {
        VideoEngine first = fixture.open();
        FakeModel other = fixture.model("d2");
        VideoEngine second = VideoEngine.open(
                other,
                EngineFixture::segment,
                new EngineOptions(EngineFixture.ON_CPU, EngineFixture.LANE, 2, 1),
                fixture.lanes,
                fixture.clock);

        assertThat(other.opened).hasSize(3);
        first.close();
        assertThat(model.closed)
                .as("the lane of the first model closes its stages")
                .hasSize(4);
        assertThat(other.closed).as("the lane of the other model stays").isEmpty();
        second.close();
    }

    @Test
    void aStageIsOpenedWhenAnEnginePlacesItOnADevice() throws Exception {
        VideoEngine apart = fixture.open(
                new Placement(List.of(Device.CPU), List.of(Device.cuda(0)), List.of(Device.cuda(0))),
                4,
                EngineFixture::segment);
        assertThat(model.opened).containsExactlyInAnyOrder("text:cpu", "generate:cuda:0", "decode:cuda:0");

        VideoEngine together = fixture.open();

        assertThat(model.opened).hasSize(5).contains("generate:cpu", "decode:cpu");
        apart.close();
        assertThat(model.closed).containsExactlyInAnyOrder("generate:cuda:0", "decode:cuda:0", "tokenizer");
        assertThat(join(together.generate(prompt("request-1")))).isNotNull();
        together.close();
    }

    @Test
    void aStageIsOpenedAndRunOnItsLanesThreadAlone() throws Exception {
        try (VideoEngine engine = fixture.open()) {
            join(engine.generate(prompt("request-1")));
        }

        assertThat(model.threads).containsExactly("lane-cpu");
    }

    @Test
    void batchSizesAreMeasuredBeforeTheFirstRequest() throws Exception {
        VideoEngine.open(
                        model,
                        EngineFixture::segment,
                        new EngineOptions(EngineFixture.ON_CPU, EngineFixture.LANE, 2, 1),
                        fixture.lanes,
                        fixture.clock)
                .close();

        for (String stage : List.of("text", "generate", "decode")) {
            assertThat(model.runs).contains(stage + ":cpu:1", stage + ":cpu:2", stage + ":cpu:4");
        }
        assertThat(model.outstanding()).isZero();
    }

    @Test
    void aFailedOpenLeavesNothing() throws Exception {
        model.failsToOpen = "decode";

        assertThatThrownBy(fixture::open).hasMessage("planted in opening decode");
        assertThat(model.closed).containsExactlyInAnyOrder("generate:cpu", "text:cpu", "tokenizer");
        fixture.assertNoLaneIsHeld(EngineFixture.ON_CPU);
    }

    @Test
    void anEngineThatCannotBeCreatedReleasesItsLanes() throws Exception {
        assertThatThrownBy(() -> fixture.open(EngineFixture.ON_CPU, 0, EngineFixture::segment))
                .hasMessageContaining("a capacity of at least 1, got 0");

        assertThat(model.closed).containsExactly("decode:cpu", "generate:cpu", "text:cpu", "tokenizer");
        fixture.assertNoLaneIsHeld(EngineFixture.ON_CPU);
    }

    @Test
    void aStageThatCannotBeClosedDoesNotKeepOthersOpen() throws Exception {
        Placement two = EngineFixture.together(Device.cuda(0), Device.cuda(1));
        VideoEngine engine = fixture.open(two, 4, EngineFixture::segment);
        model.failsToClose = "generate:cuda:0";

        assertThatThrownBy(engine::close).hasMessage("planted in closing generate:cuda:0");

        assertThat(model.closed).containsAll(model.opened).contains("tokenizer").hasSize(7);
        fixture.assertNoLaneIsHeld(two);
    }

    @Test
    void aFailedOpenDoesNotAffectOtherEnginesOnTheLane() throws Exception {
        Placement textOnly = new Placement(List.of(Device.CPU), List.of(Device.cuda(0)), List.of(Device.cuda(0)));
        VideoEngine running = fixture.open(textOnly, 4, EngineFixture::segment);
        model.failsToOpen = "generate";

        assertThatThrownBy(fixture::open).hasMessage("planted in opening generate");
        assertThat(join(running.generate(prompt("request-1")))).isNotNull();

        model.failsToOpen = "";
        VideoEngine again = fixture.open();
        assertThat(join(again.generate(prompt("request-2")))).isNotNull();
        running.close();
        again.close();
        assertThat(model.outstanding()).isZero();
    }

    @Test
    void aFailedWarmUpLeavesNothing() throws Exception {
        fixture.onRun((stage, batch) -> {
            if (stage.equals("generate")) {
                throw new IllegalStateException("planted");
            }
        });

        assertThatThrownBy(fixture::open).hasMessageContaining("planted");
        assertThat(model.closed).containsAll(model.opened).contains("tokenizer");
        assertThat(model.outstanding()).isZero();
        fixture.assertNoLaneIsHeld(EngineFixture.ON_CPU);
    }
}
