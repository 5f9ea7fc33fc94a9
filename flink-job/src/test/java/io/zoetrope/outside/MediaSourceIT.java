package io.zoetrope.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.ffmpeg.Clips;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests a live player in a browser: Media Source Extensions with the pieces and the content type of segments. */
class MediaSourceIT {
    private static final FrameRate TWELVE = new FrameRate(12, 1);

    @TempDir
    private static Path profile;

    private static Browser browser;

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start(profile);
        browser.open(URI.create("about:blank"));
    }

    @AfterAll
    static void stop() {
        if (browser != null) { // null if a tool is missing
            browser.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void segmentsPlayPieceByPieceOnOneTimeline(Codec codec) {
        Segment first = encode(codec, new SegmentPosition(0, false, 0));
        Segment second = encode(codec, new SegmentPosition(1, true, 17));
        List<byte[]> pieces = new ArrayList<>(pieces(first));
        pieces.addAll(pieces(second).subList(1, 3));

        JsonNode played = play(first.contentType(), pieces);

        assertThat(played.path("problem").asText()).isEmpty();
        assertThat(played.path("width").asInt()).isEqualTo(64);
        assertThat(played.path("height").asInt()).isEqualTo(48);
        assertThat(played.path("buffered")).singleElement().satisfies(range -> {
            assertThat(range.path(0).asDouble()).isZero();
            assertThat(range.path(1).asDouble()).isCloseTo(34 / 12.0, within(0.001));
        });
    }

    @Test
    void aContentTypeOfAnotherCodecIsDetected() {
        Segment av1 = encode(Codec.AV1, SegmentPosition.WHOLE);
        String vp9 = encode(Codec.VP9, SegmentPosition.WHOLE).contentType();

        assertThat(play(vp9, pieces(av1)).path("problem").asText()).contains("doesn't match SourceBuffer codecs");
    }

    @Test
    void anUnknownContentTypeIsDetected() {
        Segment av1 = encode(Codec.AV1, SegmentPosition.WHOLE);
        String wrong = av1.contentType().replace("av01.0", "av01.9");

        assertThat(play(wrong, pieces(av1)).path("problem").asText()).contains("NotSupportedError");
    }

    @Test
    void aTruncatedFragmentIsDetected() {
        Segment av1 = encode(Codec.AV1, SegmentPosition.WHOLE);
        List<byte[]> pieces = pieces(av1);
        byte[] last = pieces.get(2);
        JsonNode played =
                play(av1.contentType(), List.of(pieces.get(0), pieces.get(1), Arrays.copyOf(last, last.length / 2)));

        assertThat(played.path("buffered").path(0).path(1).asDouble()).isLessThan(17 / 12.0 - 0.01);
    }

    private static Segment encode(Codec codec, SegmentPosition position) {
        return new FfmpegVideoEncoder(codec, 1).encode(Clips.movingSquare(17, 64, 48), TWELVE, position);
    }

    /** Returns the init segment and the two fragments of a segment. */
    private static List<byte[]> pieces(Segment segment) {
        byte[] payload = new byte[segment.payload().remaining()];
        segment.payload().get(payload);
        List<byte[]> pieces = FragmentedMp4.of(payload).pieces();
        assertThat(pieces).hasSize(3);
        assertThat(pieces.get(0)).hasSize(segment.initLength());
        return pieces;
    }

    private static JsonNode play(String contentType, List<byte[]> pieces) {
        List<String> base64 =
                pieces.stream().map(Base64.getEncoder()::encodeToString).toList();
        return browser.run(Script.read("media-source.js"), contentType, base64);
    }
}
