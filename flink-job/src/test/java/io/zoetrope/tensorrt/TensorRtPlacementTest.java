package io.zoetrope.tensorrt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.zoetrope.BundleModel;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceChoice;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.engine.EngineOptions;
import io.zoetrope.engine.VideoEngine;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.hosting.Placement;
import io.zoetrope.hosting.PlacementChoice;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs engines of the job, with real lanes and threads, on 1 to 8 fake GPUs. */
@Timeout(60)
class TensorRtPlacementTest {
    private static final LaneOptions LANE =
            new LaneOptions(1, 0, 4, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);

    private final ModelBundle bundle = ModelBundle.open(BundleFolder.original());
    private final FakeGpu gpu = new FakeGpu(8, bundle.manifest());
    private final TensorRtProcess process = new TensorRtProcess(gpu.libraries(), gpu::nanoTime);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void eachGpuHoldsOneCopyAndGpusOfOneKindShareABuild(int count, @TempDir Path folder) throws Exception {
        try (VideoEngine engine = open(onGpus(count), folder.toString())) {
            assertThat(answers(engine, 3 * count)).hasSize(3 * count);
            for (int device = 0; device < 8; device++) {
                assertThat(gpu.handles.count("engine", device))
                        .as("text encoder, generator and decoder on device " + device)
                        .isEqualTo(device < count ? 3 : 0);
            }
        }
        assertThat(gpu.builds).hasSize(3).doesNotHaveDuplicates();
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void aVideoHasTheSameBytesOnEachPlacement() throws Exception {
        List<List<ByteBuffer>> videos = new ArrayList<>();
        Device one = Device.cuda(1);
        Device two = Device.cuda(2);
        for (Placement placement : List.of(
                onGpus(1),
                onGpus(3),
                new Placement(List.of(one), List.of(two), List.of(one)),
                new Placement(List.of(one), List.of(one), List.of(two)))) {
            try (VideoEngine engine = open(placement, "")) {
                videos.add(answers(engine, 5));
            }
        }
        assertThat(videos).allMatch(videos.get(0)::equals);
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void theGpusThatFlinkAssignsAreUsedAndNoOther() throws Exception {
        PlacementChoice auto = new PlacementChoice(DeviceChoice.AUTO, DeviceChoice.AUTO, DeviceChoice.AUTO);
        try (VideoEngine engine = open(auto.in(() -> List.of(Device.cuda(2), Device.cuda(5))), "")) {
            assertThat(answers(engine, 4)).hasSize(4);
            assertThat(IntStream.range(0, 8).filter(device -> gpu.handles.count("engine", device) > 0))
                    .containsExactly(2, 5);
        }
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void aGpuThatIsLostIsTakenOutAndItsRequestsMoveOn() throws Exception {
        try (VideoEngine engine = open(onGpus(2), "")) {
            gpu.lose(0);

            assertThat(answers(engine, 40)).hasSize(40);
            assertThat(engine.gauges().devices())
                    .extracting(DeviceGauges::device, DeviceGauges::lanesOut)
                    .containsExactlyInAnyOrder(tuple("cuda:0", 1), tuple("cuda:1", 0));
        }
    }

    @Test
    void aGpuThatFailsThreeRunsInARowIsTakenOutThoughItsStagesOpen() throws Exception {
        try (VideoEngine engine = open(onGpus(2), "")) {
            gpu.onCall = call -> {
                if (call.equals("enqueueV3") && Thread.currentThread().getName().equals("lane-cuda:0")) {
                    gpu.log.add(TensorRtLog.Severity.ERROR, "Error Code 1: Cask (Cask convolution execution)");
                    throw new TensorRtFault(call);
                }
            };

            assertThat(answers(engine, 40)).hasSize(40);
            assertThat(engine.gauges().devices())
                    .extracting(DeviceGauges::device, DeviceGauges::lanesOut)
                    .containsExactlyInAnyOrder(tuple("cuda:0", 1), tuple("cuda:1", 0));
        }
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void aGpuThatFailsTwiceKeepsItsRequests() throws Exception {
        try (VideoEngine engine = open(onGpus(1), "")) {
            int[] failing = {2};
            gpu.onCall = call -> {
                if (call.equals("enqueueV3") && failing[0]-- > 0) {
                    throw new TensorRtFault(call);
                }
            };

            assertThat(answers(engine, 4)).hasSize(4);
            assertThat(engine.gauges().devices())
                    .singleElement()
                    .extracting(DeviceGauges::lanesOut)
                    .isEqualTo(0);
        }
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    @Test
    void stagesOnDifferentGpusOverlap() throws Exception {
        Placement apart = new Placement(List.of(Device.cuda(0)), List.of(Device.cuda(0)), List.of(Device.cuda(1)));
        try (VideoEngine engine = open(apart, "")) {
            CountDownLatch decoding = new CountDownLatch(1);
            CountDownLatch generated = new CountDownLatch(2); // text encoder and generator, for another request
            gpu.onCall = call -> {
                if (!call.equals("enqueueV3")) {
                    return;
                }
                if (Thread.currentThread().getName().equals("lane-cuda:1")) {
                    decoding.countDown();
                    await(generated);
                } else if (decoding.getCount() == 0) {
                    generated.countDown();
                }
            };
            CompletionStage<Video> first = engine.generate(prompt(1));
            await(decoding);
            CompletionStage<Video> next = engine.generate(prompt(2));

            assertThat(first.toCompletableFuture().get(30, TimeUnit.SECONDS)).isNotNull();
            assertThat(next.toCompletableFuture().get(30, TimeUnit.SECONDS)).isNotNull();
        }
        assertThat(gpu.brokenAtTheEnd()).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private VideoEngine open(Placement placement, String folder) throws Exception {
        return VideoEngine.open(
                new GpuModel(bundle, BundleModel.open(bundle), process, folder),
                TensorRtPlacementTest::segment,
                new EngineOptions(placement, LANE, 64, 1),
                new ModelLanes(1, FakeModel.NO_END),
                LaneClock.system());
    }

    private static Placement onGpus(int count) {
        List<Device> all = IntStream.range(0, count).mapToObj(Device::cuda).toList();
        return new Placement(all, all, all);
    }

    /** Returns the frames of the videos of some prompts. */
    private static List<ByteBuffer> answers(VideoEngine engine, int count) throws Exception {
        List<CompletionStage<Video>> answers = new ArrayList<>();
        for (int request = 0; request < count; request++) {
            answers.add(engine.generate(prompt(request)));
        }
        List<ByteBuffer> frames = new ArrayList<>();
        for (CompletionStage<Video> answer : answers) {
            frames.add(answer.toCompletableFuture()
                    .get(30, TimeUnit.SECONDS)
                    .segments()
                    .get(0)
                    .payload());
        }
        return frames;
    }

    private static Prompt prompt(int seed) {
        return new Prompt(
                new RequestId("request-" + seed),
                "a red circle",
                seed,
                1,
                new VideoShape(16, 16, 5),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }

    private static Segment segment(Frames frames, FrameRate rate, SegmentPosition position) {
        ByteBuffer payload =
                ByteBuffer.allocate(frames.yuv().remaining()).put(frames.yuv()).flip();
        return new Segment(position, "video/mp4", frames.width(), frames.height(), rate, frames.count(), payload, 1);
    }
}
