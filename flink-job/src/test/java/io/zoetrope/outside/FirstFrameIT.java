package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests video longer than the model's window: the last frame of a clip is the first frame of the next clip. */
class FirstFrameIT {
    /** The least PSNR, in dB, of two equal pictures. Against another clip the PSNR is about 12 dB. */
    private static final double SAME_PICTURE_DB = 22;

    private static final String LEFT = "a red circle moving left on a black background";

    @TempDir
    private static Path folder;

    private static Path before;
    private static Path last;
    private static Path after;

    @BeforeAll
    static void runDemoOnce() {
        DemoOutput demo = DemoOutput.shared();
        before = demo.clip(demo.videos().get(0)); // a red circle moving right on a black background
        last = folder.resolve("last.png");
        ffmpeg("-sseof", "-1", "-i", before.toString(), "-update", "1", last.toString());
        after = runDemo(last);
    }

    @Test
    void theNextClipStartsWithTheLastFrame() throws IOException {
        assertThat(psnr(firstFrame(after), firstFrame(last))).isGreaterThan(SAME_PICTURE_DB);
    }

    @Test
    void aClipWithAnotherFirstFrameIsDetected() throws IOException {
        assertThat(psnr(firstFrame(before), firstFrame(last))).isLessThan(SAME_PICTURE_DB);
    }

    private static Path runDemo(Path firstFrame) {
        Path clips = folder.resolve("after");
        String[] demo =
                Launch.zoetrope("demo", "--out", clips.toString(), "--first-frame", firstFrame.toString(), LEFT);
        Command.run(Repository.ROOT, demo).succeeded();
        try (var files = Files.newDirectoryStream(clips, "*.mp4")) {
            return files.iterator().next();
        } catch (IOException e) {
            throw new AssertionError(clips + " has no clip", e);
        }
    }

    private static void ffmpeg(String... arguments) {
        List<String> line = new ArrayList<>(List.of(Tool.FFMPEG.require().toString(), "-nostdin", "-v", "error", "-y"));
        line.addAll(List.of(arguments));
        Command.run(Repository.ROOT, line.toArray(String[]::new)).succeeded();
    }

    /** Returns the RGB bytes of the first frame of a video or picture. */
    private static byte[] firstFrame(Path file) throws IOException {
        Path pixels = folder.resolve("pixels.rgb");
        ffmpeg("-i", file.toString(), "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", pixels.toString());
        return Files.readAllBytes(pixels);
    }

    /** Returns the peak signal-to-noise ratio in dB. */
    private static double psnr(byte[] a, byte[] b) {
        assertThat(a).hasSameSizeAs(b);
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += Math.pow((a[i] & 0xFF) - (b[i] & 0xFF), 2);
        }
        return 10 * Math.log10(255 * 255 * a.length / squares);
    }
}
