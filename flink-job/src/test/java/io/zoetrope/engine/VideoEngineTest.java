package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VideoEngineTest {
    @RegisterExtension
    final StartedEngine engines = new StartedEngine();

    private final EngineFixture fixture = engines.fixture;
    private final FakeModel model = fixture.model;

    @Test
    void aVideoNamesItsModelAndSampler() throws Exception {
        VideoEngine running = engines.start();

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
    void timingsAreThoseOfTheVideosRuns() throws Exception {
        VideoEngine running = engines.start((frames, rate, position) -> {
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
    void theSeedAloneDeterminesTheFramesWhateverSharesTheBatch() throws Exception {
        VideoEngine running = engines.start();
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
    void promptsOfDifferentLengthOrStepsShareOnlyTheDecodersBatch() throws Exception {
        VideoEngine running = engines.start();
        // Each shape is measured with its first request; those runs must not count below.
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
        VideoEngine running = engines.start();
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
    void aFaultOfTheEncoderFailsOnlyItsRequest() throws Exception {
        VideoEngine running = engines.start((frames, rate, position) -> {
            throw new RequestException(FailureCode.ENCODE_FAILED, "encode", "planted");
        });

        RequestException fault = fault(running.generate(prompt("request-1")));

        assertThat(fault.code()).isEqualTo(FailureCode.ENCODE_FAILED);
        assertThat(running.gauges().inFlight()).isZero();
        assertThat(model.outstanding()).isZero();
    }

    @Test
    void aPromptThatIsTooLongIsRefusedAtOnce() throws Exception {
        VideoEngine running = engines.start();

        assertThatThrownBy(() -> running.generate(prompt("request-1", "x".repeat(13), 7, 1)))
                .isInstanceOf(RequestException.class)
                .hasMessage("too long");
        assertThat(running.gauges().inFlight()).isZero();
    }

    /** Submits prompts while the device is blocked on a first one, so that they wait together. */
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
