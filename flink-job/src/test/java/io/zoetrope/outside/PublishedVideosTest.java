package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.ServedBundles;
import io.zoetrope.config.JobConfig;
import io.zoetrope.encode.Segment;
import io.zoetrope.engine.Engine;
import io.zoetrope.engine.EngineFactory;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.VideoShape;
import io.zoetrope.publish.Video;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests the videos of imported models: ffprobe and ffmpeg read them, they have the size and length that were asked for,
 * and their bytes are equal in another engine and among other requests. The bundles are those that
 * {@code onnx-export/tests/test_java_bundles.py} writes.
 */
@Timeout(120)
class PublishedVideosTest {
    private static final int REQUESTS = 3;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "wan21-t2v, false",
        "wan21-t2v-original-lora, false",
        "wan22-ti2v, false",
        "wan22-ti2v, true",
        "wan22-i2v-a14b, true"
    })
    void aVideoIsPlayableAndEqualAloneAndAmongOthers(String bundle, boolean withImage) throws Exception {
        EngineFactory engines = engines(bundle);
        ModelLimits limits = engines.limits();
        Optional<ByteBuffer> image = withImage ? Optional.of(png()) : Optional.empty();
        List<ByteBuffer> alone = new ArrayList<>();
        try (Engine engine = engines.open(List::of)) {
            for (VideoShape shape : shapes(limits)) {
                Video video = get(engine.generate(prompt(7, shape, limits, image)));
                ByteBuffer file = file(video);
                Clip clip = Clip.of(write(file));
                assertThat(clip.width()).isEqualTo(shape.width());
                assertThat(clip.height()).isEqualTo(shape.height());
                assertThat(clip.frames()).hasSize(shape.frames());
                alone.add(file);
            }
        }
        try (Engine engine = engines.open(List::of)) {
            int i = 0;
            for (VideoShape shape : shapes(limits)) {
                List<CompletableFuture<Video>> videos = new ArrayList<>();
                for (int seed = 7; seed < 7 + REQUESTS; seed++) {
                    videos.add(
                            engine.generate(prompt(seed, shape, limits, image)).toCompletableFuture());
                }
                assertThat(file(get(videos.get(0)))).isEqualTo(alone.get(i));
                if (shape.frames() > 1) { // one frame can be the image, whatever the seed
                    assertThat(file(get(videos.get(1)))).isNotEqualTo(alone.get(i));
                }
                i++;
            }
        }
    }

    /** Returns every size with the default length, then every other length with the default size. */
    private static List<VideoShape> shapes(ModelLimits limits) {
        ModelLimits.Size first = limits.sizes().get(0);
        int frames = limits.frames().get(0);
        return Stream.concat(
                        limits.sizes().stream().map(size -> new VideoShape(size.width(), size.height(), frames)),
                        limits.frames().stream()
                                .skip(1)
                                .map(length -> new VideoShape(first.width(), first.height(), length)))
                .toList();
    }

    private static EngineFactory engines(String bundle) {
        String folder = "src/test/resources/published/" + bundle;
        List<String> arguments = List.of("--bundle", folder, "--cpu-lanes", "1", "--bootstrap-servers", "127.0.0.1:1");
        return ServedBundles.of(JobConfig.read(List.of(), Optional.empty(), arguments), 0)
                .engines()
                .get(0);
    }

    private static Prompt prompt(int seed, VideoShape shape, ModelLimits limits, Optional<ByteBuffer> image) {
        return new Prompt(
                new RequestId("request-" + seed),
                "a small robot paints a blue flower",
                seed,
                limits.steps().get(0),
                shape,
                image,
                Optional.empty(),
                Map.of(),
                Instant.EPOCH);
    }

    private static ByteBuffer png() throws IOException {
        BufferedImage image = new BufferedImage(100, 60, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setPaint(new GradientPaint(0, 0, Color.ORANGE, 100, 60, Color.BLUE));
        graphics.fillRect(0, 0, 100, 60);
        graphics.dispose();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return ByteBuffer.wrap(bytes.toByteArray());
    }

    private static Video get(CompletionStage<Video> video) throws Exception {
        return video.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /** Returns the file of a video. It has one segment, as it lasts less than a second. */
    private static ByteBuffer file(Video video) {
        assertThat(video.segments()).hasSize(1);
        return video.segments().stream().map(Segment::payload).findFirst().orElseThrow();
    }

    private Path write(ByteBuffer file) throws IOException {
        byte[] bytes = new byte[file.remaining()];
        file.duplicate().get(bytes);
        return Files.write(folder.resolve("video.mp4"), bytes);
    }
}
