package io.zoetrope.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;

import io.zoetrope.encode.FrameRate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * A video file, decoded as a player does.
 *
 * @param frames the frames as planar YUV, in display order
 * @param keyFrames the indices of the key frames
 * @param firstTime the display time of the first frame, counted in frames
 * @param colour the codes of primaries, transfer, matrix and range
 */
record DecodedVideo(
        List<ByteBuffer> frames,
        List<Integer> keyFrames,
        long firstTime,
        int width,
        int height,
        FrameRate rate,
        List<Integer> colour) {
    static DecodedVideo decode(ByteBuffer mp4) {
        try {
            Path file = Files.createTempFile("decoded", ".mp4");
            try {
                byte[] bytes = new byte[mp4.remaining()];
                mp4.get(bytes);
                Files.write(file, bytes);
                return decode(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DecodedVideo decode(Path file) {
        AVFormatContext format = new AVFormatContext(null);
        check(avformat.avformat_open_input(format, file.toString(), null, null));
        check(avformat.avformat_find_stream_info(format, (PointerPointer<?>) null));
        assertThat(format.nb_streams()).isEqualTo(1);
        AVStream stream = format.streams(0);
        AVCodecContext codec = avcodec.avcodec_alloc_context3(
                avcodec.avcodec_find_decoder(stream.codecpar().codec_id()));
        check(avcodec.avcodec_parameters_to_context(codec, stream.codecpar()));
        check(avcodec.avcodec_open2(codec, codec.codec(), (PointerPointer<?>) null));
        AVPacket packet = avcodec.av_packet_alloc();
        AVFrame frame = avutil.av_frame_alloc();

        Decoding decoding = new Decoding(stream);
        while (avformat.av_read_frame(format, packet) >= 0) {
            check(avcodec.avcodec_send_packet(codec, packet));
            avcodec.av_packet_unref(packet);
            decoding.drain(codec, frame);
        }
        check(avcodec.avcodec_send_packet(codec, null));
        decoding.drain(codec, frame);
        DecodedVideo video = new DecodedVideo(
                decoding.frames,
                decoding.keyFrames,
                decoding.firstTime,
                codec.width(),
                codec.height(),
                new FrameRate(
                        stream.avg_frame_rate().num(), stream.avg_frame_rate().den()),
                List.of(codec.color_primaries(), codec.color_trc(), codec.colorspace(), codec.color_range()));

        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        avcodec.avcodec_free_context(codec);
        avformat.avformat_close_input(format);
        return video;
    }

    /** Checks that a call of FFmpeg succeeded. */
    private static void check(int result) {
        assertThat(result).isNotNegative();
    }

    private static final class Decoding {
        private final List<ByteBuffer> frames = new ArrayList<>();
        private final List<Integer> keyFrames = new ArrayList<>();
        private final AVStream stream;
        private long firstTime;

        Decoding(AVStream stream) {
            this.stream = stream;
        }

        void drain(AVCodecContext codec, AVFrame frame) {
            while (avcodec.avcodec_receive_frame(codec, frame) == 0) {
                if (frames.isEmpty()) {
                    firstTime = frame.pts()
                            * stream.time_base().num()
                            * stream.avg_frame_rate().num()
                            / ((long) stream.time_base().den()
                                    * stream.avg_frame_rate().den());
                }
                if ((frame.flags() & AVFrame.AV_FRAME_FLAG_KEY) != 0) {
                    keyFrames.add(frames.size());
                }
                int size = avutil.av_image_get_buffer_size(frame.format(), frame.width(), frame.height(), 1);
                byte[] yuv = new byte[size];
                try (BytePointer copy = new BytePointer(size)) {
                    check(avutil.av_image_copy_to_buffer(
                            copy,
                            size,
                            frame.data(),
                            frame.linesize(),
                            frame.format(),
                            frame.width(),
                            frame.height(),
                            1));
                    copy.get(yuv);
                }
                frames.add(ByteBuffer.wrap(yuv));
                avutil.av_frame_unref(frame);
            }
        }
    }
}
