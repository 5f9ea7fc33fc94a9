package io.zoetrope.ffmpeg;

import static io.zoetrope.ffmpeg.Ffmpeg.check;
import static io.zoetrope.ffmpeg.Ffmpeg.checkPresent;

import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVStream;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** An open encoder, from frames to packets. It owns FFmpeg's codec context, one frame and one packet. */
final class CodecContext implements AutoCloseable {
    private final FfmpegCodec codec;
    private final AVCodecContext context;
    private final AVFrame frame;
    private final AVPacket packet;

    private CodecContext(FfmpegCodec codec, AVCodecContext context, AVFrame frame, AVPacket packet) {
        this.codec = codec;
        this.context = context;
        this.frame = frame;
        this.packet = packet;
    }

    /** Opens an encoder for frames of the given size and rate. */
    static CodecContext open(FfmpegCodec codec, int width, int height, FrameRate rate, int threads) {
        AVCodec encoder = checkPresent(avcodec.avcodec_find_encoder_by_name(codec.encoder()), codec.encoder());
        CodecContext opened = new CodecContext(
                codec, avcodec.avcodec_alloc_context3(encoder), avutil.av_frame_alloc(), avcodec.av_packet_alloc());
        try {
            checkPresent(opened.context, "avcodec_alloc_context3");
            checkPresent(opened.frame, "av_frame_alloc");
            checkPresent(opened.packet, "av_packet_alloc");
            opened.configure(width, height, rate, threads);
            check(opened.open(encoder), codec.encoder() + " for " + width + "x" + height);
            return opened;
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    private int open(AVCodec encoder) {
        return exclusively(() -> avcodec.avcodec_open2(context, encoder, (PointerPointer<?>) null));
    }

    private int exclusively(IntSupplier call) {
        return codec.codec() == Codec.AV1 ? SvtAv1.exclusively(call) : call.getAsInt();
    }

    private void configure(int width, int height, FrameRate rate, int threads) {
        try (AVRational frameRate = avutil.av_make_q(rate.num(), rate.den());
                AVRational timeBase = avutil.av_make_q(rate.den(), rate.num())) {
            context.framerate(frameRate);
            context.time_base(timeBase);
        }
        context.width(width);
        context.height(height);
        context.pix_fmt(avutil.AV_PIX_FMT_YUV420P);
        context.color_range(avutil.AVCOL_RANGE_MPEG);
        context.color_primaries(avutil.AVCOL_PRI_BT709);
        context.color_trc(avutil.AVCOL_TRC_BT709);
        context.colorspace(avutil.AVCOL_SPC_BT709);
        context.bit_rate(0); // constant quality
        context.max_b_frames(0);
        context.gop_size(codec.keyFrameInterval(framesPerSecond(rate)));
        context.thread_count(threads);
        context.flags(avcodec.AV_CODEC_FLAG_GLOBAL_HEADER
                | avcodec.AV_CODEC_FLAG_BITEXACT
                | avcodec.AV_CODEC_FLAG_CLOSED_GOP);
        codec.options(threads)
                .forEach((name, value) -> check(
                        avutil.av_opt_set(context, name, value, avutil.AV_OPT_SEARCH_CHILDREN),
                        codec.encoder() + " option " + name + "=" + value));
    }

    /** Returns the frames per second, rounded, at least 1. */
    static int framesPerSecond(FrameRate rate) {
        return Math.max(1, Math.round((float) rate.num() / rate.den()));
    }

    /**
     * Encodes all frames. A packet is valid only during the call of the consumer.
     *
     * @param firstFrameIndex the time of the first frame, counted in frames
     */
    void encode(Frames frames, int firstFrameIndex, Consumer<AVPacket> packets) {
        if (codec.codec() == Codec.AV1) {
            SvtAv1.shared(() -> encodeFrames(frames, firstFrameIndex, packets));
        } else {
            encodeFrames(frames, firstFrameIndex, packets);
        }
    }

    private void encodeFrames(Frames frames, int firstFrameIndex, Consumer<AVPacket> packets) {
        try (BytePointer yuv = new BytePointer(frames.yuv())) {
            for (int i = 0; i < frames.count(); i++) {
                setPlanes(yuv, i, frames.width(), frames.height());
                Ffmpeg.checkNotInterrupted();
                frame.pts(firstFrameIndex + i);
                check(avcodec.avcodec_send_frame(context, frame), "avcodec_send_frame");
                drain(packets);
            }
        }
        check(avcodec.avcodec_send_frame(context, null), "end of frames");
        drain(packets);
    }

    private void drain(Consumer<AVPacket> packets) {
        for (int result = avcodec.avcodec_receive_packet(context, packet);
                result != avutil.AVERROR_EAGAIN() && result != avutil.AVERROR_EOF();
                result = avcodec.avcodec_receive_packet(context, packet)) {
            Ffmpeg.checkNotInterrupted();
            check(result, "avcodec_receive_packet");
            packets.accept(packet);
            avcodec.av_packet_unref(packet);
        }
    }

    /** Sets the frame's planes. The frame does not own them, so FFmpeg copies them before a call returns. */
    private void setPlanes(BytePointer yuv, int index, int width, int height) {
        long luma = (long) width * height;
        long start = index * luma * 3 / 2;
        frame.format(avutil.AV_PIX_FMT_YUV420P);
        frame.width(width);
        frame.height(height);
        frame.color_range(avutil.AVCOL_RANGE_MPEG);
        frame.data(0, yuv.position(start)).linesize(0, width);
        frame.data(1, yuv.position(start + luma)).linesize(1, width / 2);
        frame.data(2, yuv.position(start + luma * 5 / 4)).linesize(2, width / 2);
    }

    /** Sets a stream's codec parameters, time base and frame rate to those of this encoder. */
    void describe(AVStream stream) {
        check(avcodec.avcodec_parameters_from_context(stream.codecpar(), context), "avcodec_parameters_from_context");
        stream.time_base(context.time_base());
        stream.avg_frame_rate(context.framerate());
    }

    /** Returns the time base of the packets: one tick is one frame. */
    AVRational timeBase() {
        return context.time_base();
    }

    @Override
    public void close() {
        avcodec.av_packet_free(packet);
        avutil.av_frame_free(frame);
        exclusively(() -> {
            avcodec.avcodec_free_context(context);
            return 0;
        });
    }
}
