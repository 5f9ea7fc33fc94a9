package io.zoetrope;

import io.zoetrope.bundle.ModelBundle;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.engine.EngineGauges;
import io.zoetrope.flink.FakeGauges;
import io.zoetrope.image.ImageLimits;
import io.zoetrope.imageio.ImageIoReader;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.publish.Timings;
import io.zoetrope.publish.Video;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Engines that read a prompt as the shipped bundle does, its text with the bundle's tokenizer and its image, and answer
 * it with a video of a few bytes. They serve tests of what records may hold.
 */
record ReadingEngines(String id, ModelLimits limits) implements EngineFactory {
    /** The folder of the shipped bundle. */
    static final Path BUNDLE = Path.of("../onnx-export/bundles/toybox-64");

    @Override
    public String digest() {
        return "00".repeat(32);
    }

    @Override
    public int inFlightPerSlot() {
        return 64;
    }

    @Override
    public Engine open(DeviceSource devices) {
        return new ReadingEngine(BundleModel.open(ModelBundle.open(BUNDLE)));
    }

    private static final class ReadingEngine implements Engine {
        private final BundleModel model;
        private final ImageIoReader images = new ImageIoReader(64, 64, ImageLimits.DEFAULT);
        private final ExecutorService pool = Executors.newFixedThreadPool(2);

        ReadingEngine(BundleModel model) {
            this.model = model;
        }

        @Override
        public CompletionStage<Video> generate(Prompt prompt) {
            var unused = model.tokenizer().tokenize(prompt.text());
            return CompletableFuture.supplyAsync(
                    () -> {
                        prompt.firstFrame().ifPresent(images::read);
                        return video(prompt);
                    },
                    pool);
        }

        private static Video video(Prompt prompt) {
            Duration none = Duration.ZERO;
            return new Video(
                    prompt,
                    List.of(new Segment(
                            SegmentPosition.WHOLE,
                            "video/mp4; codecs=\"av01.0.00M.08\"",
                            64,
                            64,
                            new FrameRate(12, 1),
                            17,
                            ByteBuffer.wrap(new byte[100]),
                            10)),
                    "toybox-64",
                    "00".repeat(32),
                    "one-step",
                    new Timings(none, none, none, none, none),
                    1,
                    Instant.now());
        }

        @Override
        public void cancel(CompletionStage<Video> answer) {
            // A request takes milliseconds, so its answer comes before a cancellation would.
        }

        @Override
        public EngineGauges gauges() {
            return new FakeGauges();
        }

        @Override
        public void close() {
            pool.shutdownNow();
            model.close();
        }
    }
}
