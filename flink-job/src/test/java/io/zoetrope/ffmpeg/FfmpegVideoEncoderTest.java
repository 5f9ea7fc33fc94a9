package io.zoetrope.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.failure.FailureCode;
import io.zoetrope.failure.RequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.ffmpeg.global.avutil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FfmpegVideoEncoderTest {
    private static final FrameRate TWELVE = new FrameRate(12, 1);
    private static final Frames TOO_SMALL = new Frames(TestBuffers.bytes(6), 1, 2, 2);
    private static final Frames CLIP = Clips.movingSquare(17, 64, 64);
    /**
     * The number of videos with which concurrent openings and closings of SVT-AV1 crashed the process in every trial.
     */
    private static final int MANY = 200;

    @ParameterizedTest
    @EnumSource(Codec.class)
    void everyFrameComesBackWithSizeRateAndColour(Codec codec) {
        Segment segment = Clips.encode(codec, CLIP, TWELVE);
        DecodedVideo video = DecodedVideo.decode(segment.payload());

        assertThat(video.frames()).hasSize(17);
        assertThat(video.width()).isEqualTo(64);
        assertThat(video.height()).isEqualTo(64);
        assertThat(video.rate()).isEqualTo(TWELVE);
        assertThat(video.firstTime()).isZero();
        assertThat(video.colour())
                .containsExactly(
                        avutil.AVCOL_PRI_BT709,
                        avutil.AVCOL_TRC_BT709,
                        avutil.AVCOL_SPC_BT709,
                        avutil.AVCOL_RANGE_MPEG);
        assertThat(worstPlane(CLIP, video)).isGreaterThan(34);

        assertThat(segment.frameCount()).isEqualTo(17);
        assertThat(segment.width()).isEqualTo(64);
        assertThat(segment.height()).isEqualTo(64);
        assertThat(segment.frameRate()).isEqualTo(TWELVE);
        assertThat(segment.position()).isEqualTo(SegmentPosition.WHOLE);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void movementVisibleOnlyInColourIsKept(Codec codec) {
        Frames clip = Clips.equallyBrightSquare(17, 64, 64);
        DecodedVideo video =
                DecodedVideo.decode(Clips.encode(codec, clip, TWELVE).payload());
        assertThat(worstPlane(clip, video)).isGreaterThan(34);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void initSegmentAndAnyOneFragmentPlay(Codec codec) {
        Segment segment = Clips.encode(codec, Clips.movingSquare(29, 64, 64), TWELVE);
        DecodedVideo whole = DecodedVideo.decode(segment.payload());
        List<ByteBuffer> fragments = Mp4Boxes.fragments(media(segment));

        assertThat(fragments).hasSize(3); // 12 frames, 12 frames, 5 frames
        int first = 0;
        for (ByteBuffer fragment : fragments) {
            DecodedVideo part = DecodedVideo.decode(Mp4Boxes.concat(init(segment), fragment));
            assertThat(part.keyFrames()).startsWith(0);
            assertThat(part.frames()).hasSize(Math.min(12, 29 - first));
            assertThat(part.frames())
                    .isEqualTo(
                            whole.frames().subList(first, first + part.frames().size()));
            first += part.frames().size();
        }
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void laterSegmentContinuesWhereThePreviousOneEnded(Codec codec) {
        FfmpegVideoEncoder encoder = new FfmpegVideoEncoder(codec, 1);
        Segment first = encoder.encode(CLIP, TWELVE, new SegmentPosition(0, false, 0));
        Segment second = encoder.encode(CLIP, TWELVE, new SegmentPosition(1, true, 17));

        assertThat(init(second)).isEqualTo(init(first));
        assertThat(second.contentType()).isEqualTo(first.contentType());
        assertThat(DecodedVideo.decode(second.payload()).firstTime()).isEqualTo(17);
        ByteBuffer stream = Mp4Boxes.concat(init(first), media(first), media(second));
        assertThat(DecodedVideo.decode(stream).frames()).hasSize(34);
        // A player places fragments by these: each fragment's sequence number and decode time (tfdt version 1).
        assertThat(Mp4Boxes.find(stream, "moof", "mfhd"))
                .extracting(box -> box.getInt(4))
                .containsExactly(1, 2, 18, 19);
        assertThat(Mp4Boxes.find(stream, "moof", "traf", "tfdt"))
                .extracting(box -> box.getLong(4))
                .containsExactly(0L, 12 * 1024L, 17 * 1024L, 29 * 1024L);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void equalFramesGiveEqualBytesOnConcurrentThreads(Codec codec) throws Exception {
        FfmpegVideoEncoder encoder = new FfmpegVideoEncoder(codec, 1);
        ByteBuffer expected =
                encoder.encode(CLIP, TWELVE, SegmentPosition.WHOLE).payload();
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<ByteBuffer>> calls = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                // Every third video has another size.
                Frames frames = i % 3 == 2 ? Clips.movingSquare(5 + i, 48, 32) : CLIP;
                calls.add(() ->
                        encoder.encode(frames, TWELVE, SegmentPosition.WHOLE).payload());
            }
            List<Future<ByteBuffer>> results = pool.invokeAll(calls);
            for (int i = 0; i < results.size(); i++) {
                if (i % 3 != 2) {
                    assertThat(results.get(i).get()).isEqualTo(expected);
                }
            }
        } finally {
            pool.shutdownNow();
        }
    }

    /** For the superuser, SVT-AV1 gives the thread that opens it real-time priority. */
    @Test
    void threadThatEncodesKeepsItsScheduling() throws IOException {
        String before = scheduling();
        Clips.encode(Codec.AV1, CLIP, TWELVE);
        assertThat(scheduling()).isEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void sizesAndRatesFromTheSmallestTo720pAreEncoded(Codec codec) {
        for (Frames frames : List.of(
                Clips.movingSquare(1, 16, 16), Clips.movingSquare(5, 16, 16), Clips.movingSquare(3, 1280, 720))) {
            for (FrameRate rate : List.of(new FrameRate(1, 1), new FrameRate(30000, 1001), new FrameRate(25, 1))) {
                DecodedVideo video =
                        DecodedVideo.decode(Clips.encode(codec, frames, rate).payload());
                assertThat(video.frames()).hasSize(frames.count());
                assertThat(video.width()).isEqualTo(frames.width());
            }
        }
    }

    @Test
    void fractionalRateIsKeptExactly() {
        FrameRate ntsc = new FrameRate(30000, 1001);
        Segment segment = Clips.encode(Codec.AV1, Clips.movingSquare(61, 32, 32), ntsc);
        assertThat(DecodedVideo.decode(segment.payload()).rate()).isEqualTo(ntsc);
        assertThat(Mp4Boxes.fragments(media(segment))).hasSize(3);
    }

    @Test
    void codecsParameterDescribesTheStream() {
        assertThat(contentType(Codec.AV1, 64, 64)).isEqualTo("video/mp4; codecs=\"av01.0.00M.08\"");
        assertThat(contentType(Codec.VP9, 64, 64)).isEqualTo("video/mp4; codecs=\"vp09.00.10.08.01.01.01.01.00\"");
        assertThat(contentType(Codec.H264, 64, 64)).startsWith("video/mp4; codecs=\"avc1.64");
        assertThat(contentType(Codec.AV1, 1280, 720)).isEqualTo("video/mp4; codecs=\"av01.0.05M.08\"");
        assertThat(contentType(Codec.VP9, 1280, 720)).isEqualTo("video/mp4; codecs=\"vp09.00.31.08.01.01.01.01.00\"");
    }

    @ParameterizedTest
    @EnumSource(Codec.class)
    void anInterruptEndsAnEncodingAndTheNextOneIsComplete(Codec codec) {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> Clips.encode(codec, CLIP, TWELVE))
                .withMessageContaining("interrupted")
                .satisfies(fault -> assertThat(fault.code()).isEqualTo(FailureCode.ENCODE_FAILED));
        assertThat(Thread.interrupted()).isTrue();

        assertThat(Clips.encode(codec, CLIP, TWELVE).frameCount()).isEqualTo(CLIP.count());
    }

    @Test
    void framesThatTheCodecRefusesFailTheRequest() {
        assertThatExceptionOfType(RequestException.class)
                .isThrownBy(() -> Clips.encode(Codec.AV1, TOO_SMALL, TWELVE))
                .withMessageContaining("libsvtav1 for 2x2")
                .satisfies(fault -> {
                    assertThat(fault.code()).isEqualTo(FailureCode.ENCODE_FAILED);
                    assertThat(fault.stage()).isEqualTo("encode");
                });
    }

    private static String contentType(Codec codec, int width, int height) {
        return Clips.encode(codec, Clips.movingSquare(2, width, height), TWELVE).contentType();
    }

    private static ByteBuffer init(Segment segment) {
        return segment.payload().slice(0, segment.initLength());
    }

    private static ByteBuffer media(Segment segment) {
        ByteBuffer payload = segment.payload();
        return payload.slice(segment.initLength(), payload.capacity() - segment.initLength());
    }

    /** Returns the lowest PSNR of any plane of any frame, in dB. */
    private static double worstPlane(Frames frames, DecodedVideo video) {
        int luma = frames.width() * frames.height();
        int size = luma * 3 / 2;
        double worst = Double.MAX_VALUE;
        for (int i = 0; i < frames.count(); i++) {
            ByteBuffer drawn = frames.yuv().slice(i * size, size);
            ByteBuffer shown = video.frames().get(i);
            worst = Math.min(worst, psnr(drawn, shown, 0, luma));
            worst = Math.min(worst, psnr(drawn, shown, luma, luma / 4));
            worst = Math.min(worst, psnr(drawn, shown, luma * 5 / 4, luma / 4));
        }
        return worst;
    }

    private static double psnr(ByteBuffer a, ByteBuffer b, int start, int length) {
        double squares = 0;
        for (int i = start; i < start + length; i++) {
            double difference = (a.get(i) & 0xFF) - (b.get(i) & 0xFF);
            squares += difference * difference;
        }
        return 10 * Math.log10(255 * 255 / Math.max(squares / length, 1e-9));
    }

    /**
     * Returns real-time priority and policy: fields 40 and 41 of the kernel's record, whose third field follows the
     * name.
     */
    private static String scheduling() throws IOException {
        String stat = Files.readString(Path.of("/proc/thread-self/stat"));
        List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        return fields.get(37) + " " + fields.get(38);
    }
}
