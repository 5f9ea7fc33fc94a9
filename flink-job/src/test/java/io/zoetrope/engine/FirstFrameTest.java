package io.zoetrope.engine;

import static io.zoetrope.engine.EngineFixture.join;
import static io.zoetrope.engine.EngineFixture.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.zoetrope.BundleModel;
import io.zoetrope.bundle.BundleFolder;
import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.decode.Frames;
import io.zoetrope.device.Device;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.Placement;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.publish.Video;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FirstFrameTest {
    private final EngineFixture fixture = new EngineFixture();
    private final FakeModel model = fixture.model;

    @Test
    void promptsWithAndWithoutAFirstFrameShareABatch() throws Exception {
        model.takesImages = true;
        try (VideoEngine engine = fixture.open()) {
            float plain = firstNumber(join(engine.generate(shown("plain", Optional.empty()))));
            Gate gate = new Gate("generate");
            fixture.onRun(gate);
            CompletionStage<Video> holder = engine.generate(shown("holder", Optional.empty()));
            gate.awaitArrival();
            CompletionStage<Video> with = engine.generate(shown("with", image(40)));
            // The oldest request runs first, so the others wait for its image, whenever that is read.
            fixture.clock.advance(EngineFixture.RUN);
            CompletionStage<Video> without = engine.generate(shown("without", Optional.empty()));
            CompletionStage<Video> other = engine.generate(shown("other", image(3)));
            awaitWaiting(engine, 5); // the texts and the images
            gate.open();

            assertThat(firstNumber(join(with))).isCloseTo(plain + 40, within(1e-4f));
            assertThat(firstNumber(join(without))).isEqualTo(plain);
            assertThat(firstNumber(join(other))).isCloseTo(plain + 3, within(1e-4f));
            join(holder);
            assertThat(model.runs).contains("generate:cpu:3");
            assertThat(model.outstanding()).isZero();
        }
    }

    @Test
    void textAndImageOfAPromptAreEncodedInParallel() throws Exception {
        model.takesImages = true;
        Placement apart = new Placement(List.of(Device.CPU), List.of(Device.cuda(0)), List.of(Device.cuda(0)));
        try (VideoEngine engine = fixture.open(apart, 4, EngineFixture::segment)) {
            CountDownLatch text = new CountDownLatch(1);
            CountDownLatch image = new CountDownLatch(1);
            fixture.onRun((stage, batch) -> {
                if (stage.equals("text")) {
                    text.countDown();
                    Gate.await(image);
                } else if (stage.equals("image")) {
                    image.countDown();
                    Gate.await(text);
                }
            });

            assertThat(join(engine.generate(shown("with", image(1))))).isNotNull();
        }
        assertThat(model.outstanding()).isZero();
    }

    @Test
    void aBadImageFailsItsOwnRequestAlone() throws Exception {
        model.takesImages = true;
        try (VideoEngine engine = fixture.open()) {
            CompletionStage<Video> before = engine.generate(shown("before", image(1)));
            CompletionStage<Video> bad = engine.generate(shown("bad", image(FakeModel.NO_IMAGE)));
            CompletionStage<Video> after = engine.generate(shown("after", image(2)));

            assertThatThrownBy(() -> join(bad))
                    .cause()
                    .isInstanceOfSatisfying(
                            RequestException.class,
                            fault -> assertThat(fault.code()).isEqualTo(FailureCode.IMAGE_REJECTED));
            assertThat(join(before)).isNotNull();
            assertThat(join(after)).isNotNull();
            assertThat(model.outstanding()).isZero();
        }
    }

    @Test
    void imagesAreReadBesideTheLaneAndEncodedOnIt() throws Exception {
        model.takesImages = true;
        try (VideoEngine engine = fixture.open()) {
            join(engine.generate(shown("with", image(1))));
        }

        assertThat(model.readers).containsExactly("encode-1");
        assertThat(model.threads).containsExactly("lane-cpu");
        assertThat(model.opened).contains("image:cpu");
        assertThat(model.closed).contains("image:cpu");
    }

    @Test
    void aFaultAfterTheImageFreesItsMemory() throws Exception {
        model.takesImages = true;
        for (String broken : List.of("image", "text", "generate")) {
            try (VideoEngine engine = fixture.open()) {
                fixture.onRun((stage, batch) -> {
                    if (stage.equals(broken)) {
                        throw new IllegalStateException("planted");
                    }
                });

                assertThatThrownBy(() -> join(engine.generate(shown("with", image(1)))))
                        .cause()
                        .isInstanceOfSatisfying(
                                RequestException.class,
                                fault -> assertThat(fault.stage()).isEqualTo(broken));
                assertThat(model.outstanding()).isZero();
                fixture.onRun((stage, batch) -> {});
            }
        }
    }

    @Test
    void anEngineThatClosesEndsARequestThatWaitsForItsImage() throws Exception {
        model.takesImages = true;
        VideoEngine engine = fixture.open();
        Gate gate = new Gate("image");
        fixture.onRun(gate);
        CompletionStage<Video> running = engine.generate(shown("running", image(1)));
        gate.awaitArrival();
        CompletionStage<Video> waiting = engine.generate(shown("waiting", image(2)));
        Thread closing = new Thread(engine::close, "closing");
        closing.start();
        EngineFixture.awaitCall(closing, "awaitNoneLeft");
        gate.open();
        closing.join();

        assertThatThrownBy(() -> join(waiting)).hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(running.toCompletableFuture()).isDone();
        assertThat(model.outstanding()).isZero();
    }

    /**
     * The tiny bundle with images adds -10 x the mean of red and green to the brightness of a clip; see
     * tiny_bundle.py.
     */
    @Test
    void aBundlesClipStartsFromTheSentImage() throws Exception {
        FrameKeeper frames = new FrameKeeper();
        BundleModel bundle = BundleModel.open(ModelBundle.open(BundleFolder.withImages()));
        EngineOptions options = new EngineOptions(EngineFixture.ON_CPU, EngineFixture.LANE, 4, 1);
        try (VideoEngine engine = VideoEngine.open(bundle, frames::keep, options, fixture.lanes, fixture.clock)) {
            int plain = frames.firstByte(join(engine.generate(words("plain", Optional.empty()))));
            int dark = frames.firstByte(join(engine.generate(words("dark", Optional.of(png(0x000000))))));
            int shown = frames.firstByte(join(engine.generate(words("shown", Optional.of(png(0x010000))))));

            assertThat(dark).isEqualTo(plain);
            assertThat(shown).isEqualTo(plain - 5);
            assertThatThrownBy(() -> join(engine.generate(words("bad", Optional.of(ByteBuffer.allocate(9))))))
                    .hasRootCauseMessage("first_frame: expected a PNG or JPEG file, got 9 bytes that begin with"
                            + " 0x0000000000000000; send the bytes of such a file without changes");
        }
    }

    private static Prompt shown(String requestId, Optional<ByteBuffer> image) {
        return prompt(requestId, "a circle", 7, 1, image);
    }

    private static Prompt words(String requestId, Optional<ByteBuffer> image) {
        return prompt(requestId, "a red circle", 7, 1, new VideoShape(16, 16, 5), image);
    }

    private static Optional<ByteBuffer> image(int brightness) {
        return Optional.of(ByteBuffer.wrap(new byte[] {(byte) brightness}));
    }

    private static ByteBuffer png(int colour) throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 256; i++) {
            image.setRGB(i % 16, i / 16, colour);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static float firstNumber(Video video) {
        return video.segments().get(0).payload().order(ByteOrder.nativeOrder()).getFloat(0);
    }

    private static void awaitWaiting(VideoEngine engine, int requests) {
        while (engine.gauges().devices().stream()
                        .mapToInt(device -> device.queued())
                        .sum()
                < requests) {
            Thread.onSpinWait();
        }
    }

    /** An encoder that copies the frames into the payload. */
    private static final class FrameKeeper {
        private Segment keep(Frames frames, FrameRate rate, SegmentPosition position) {
            ByteBuffer payload = ByteBuffer.allocate(frames.yuv().remaining())
                    .put(frames.yuv())
                    .flip();
            return new Segment(
                    position, "video/mp4", frames.width(), frames.height(), rate, frames.count(), payload, 1);
        }

        private int firstByte(Video video) {
            return Byte.toUnsignedInt(video.segments().get(0).payload().get(0));
        }
    }
}
