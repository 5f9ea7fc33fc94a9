package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that ffprobe and ffmpeg read the demo's clips. */
class PlayableIT {
    private static DemoOutput demo;
    private static JsonNode promised;

    @TempDir
    private Path folder;

    @BeforeAll
    static void runDemoOnce() throws IOException {
        Tool.FFMPEG.require();
        Tool.FFPROBE.require();
        demo = DemoOutput.shared();
        promised = new ObjectMapper()
                .readTree(Repository.file("onnx-export/bundles/toybox-64/manifest.json")
                        .toFile())
                .path("video");
    }

    @Test
    void everyClipMatchesTheManifest() {
        assertThat(demo.videos()).hasSize(3);
        for (JsonNode video : demo.videos()) {
            Clip clip = Clip.of(demo.clip(video));
            JsonNode rate = promised.path("frame_rate");

            assertThat(clip.codec()).isEqualTo("vp9");
            assertThat(clip.width()).isEqualTo(promised.path("width").asInt());
            assertThat(clip.height()).isEqualTo(promised.path("height").asInt());
            assertThat(clip.rate())
                    .isEqualTo(rate.path("num").asInt() + "/" + rate.path("den").asInt());
            assertThat(clip.frames()).hasSize(promised.path("frame_count").asInt());
            assertThat(clip.frames())
                    .extracting(Clip.Frame::time)
                    .startsWith(0, 1, 2)
                    .isSorted();
        }
    }

    @Test
    void theResultsContainEveryClipsDigest() throws Exception {
        for (JsonNode video : demo.videos()) {
            byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(demo.clip(video)));

            assertThat(video.path("sha256").asText()).isEqualTo(HexFormat.of().formatHex(sha256));
        }
    }

    @Test
    void theInitSegmentAndTheLastFragmentPlayTheLastFrames() throws IOException {
        for (JsonNode video : demo.videos()) {
            Path whole = demo.clip(video);
            FragmentedMp4 mp4 = FragmentedMp4.of(Files.readAllBytes(whole));
            Path late = Files.write(folder.resolve("late.mp4"), mp4.lateJoin());

            List<Clip.Frame> all = Clip.of(whole).frames();
            // A fragment lasts at least a second, so the first fragment has 12 of the 17 frames.
            assertThat(Clip.of(late).frames()).isEqualTo(all.subList(12, all.size()));
        }
    }

    @Test
    void aTruncatedClipIsDetected() throws IOException {
        byte[] whole = Files.readAllBytes(demo.clip(demo.videos().get(0)));
        Path cut = Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(whole, whole.length - 50));

        assertThatThrownBy(() -> Clip.of(cut))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("cut.mp4");
    }

    @Test
    void aFrameThatDoesNotDecodeIsDetected() throws IOException {
        byte[] bytes = Files.readAllBytes(demo.clip(demo.videos().get(0)));
        int frame = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("mdat") + "mdat".length();
        Arrays.fill(bytes, frame, frame + 8, (byte) 0xFF);
        Path damaged = Files.write(folder.resolve("damaged.mp4"), bytes);

        assertThatThrownBy(() -> Clip.of(damaged)).isInstanceOf(AssertionError.class);
    }
}
