package io.zoetrope.chaos.ledger;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/** Decodes videos as a player does. */
final class Mp4 {
    private Mp4() {}

    /** Returns whether FFmpeg can decode every frame of the file, and the file has at least one. */
    static boolean isPlayable(byte[] payload) {
        try {
            Path file = Files.createTempFile("payload", ".mp4");
            try {
                Files.write(file, payload);
                return frames(file) > 0;
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("a video could not be written to a temporary file", e);
        }
    }

    /** Returns the number of frames; -1 if one cannot be decoded. */
    private static int frames(Path file) {
        AVFormatContext format = new AVFormatContext(null);
        if (avformat.avformat_open_input(format, file.toString(), null, null) < 0) {
            return -1;
        }
        try {
            if (avformat.avformat_find_stream_info(format, (PointerPointer<?>) null) < 0 || format.nb_streams() != 1) {
                return -1;
            }
            return decode(format, format.streams(0));
        } finally {
            avformat.avformat_close_input(format);
        }
    }

    private static int decode(AVFormatContext format, AVStream stream) {
        AVCodecContext codec = avcodec.avcodec_alloc_context3(
                avcodec.avcodec_find_decoder(stream.codecpar().codec_id()));
        AVPacket packet = avcodec.av_packet_alloc();
        AVFrame frame = avutil.av_frame_alloc();
        try {
            if (avcodec.avcodec_parameters_to_context(codec, stream.codecpar()) < 0
                    || avcodec.avcodec_open2(codec, codec.codec(), (PointerPointer<?>) null) < 0) {
                return -1;
            }
            int frames = 0;
            while (avformat.av_read_frame(format, packet) >= 0) {
                int sent = avcodec.avcodec_send_packet(codec, packet);
                avcodec.av_packet_unref(packet);
                if (sent < 0) {
                    return -1;
                }
                frames += drain(codec, frame);
            }
            avcodec.avcodec_send_packet(codec, null);
            return frames + drain(codec, frame);
        } finally {
            avutil.av_frame_free(frame);
            avcodec.av_packet_free(packet);
            avcodec.avcodec_free_context(codec);
        }
    }

    private static int drain(AVCodecContext codec, AVFrame frame) {
        int frames = 0;
        while (avcodec.avcodec_receive_frame(codec, frame) == 0) {
            frames++;
            avutil.av_frame_unref(frame);
        }
        return frames;
    }
}
