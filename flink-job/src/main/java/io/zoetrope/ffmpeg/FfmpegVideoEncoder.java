package io.zoetrope.ffmpeg;

import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import java.nio.ByteBuffer;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * FFmpeg's encoders and its MP4 writer, in this process. About every second a key frame begins a fragment, groups
 * of pictures are closed, and times count from the video's first frame, so that the init segment and any later fragment
 * play alone.
 *
 * <p>SVT-AV1 prints a banner for each video unless the environment has {@code SVT_LOG=1}.
 */
public final class FfmpegVideoEncoder implements VideoEncoder {
    static {
        // Else JavaCPP refuses to allocate once the process, models and all, is larger than the heap's limit.
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        avutil.av_log_set_level(avutil.AV_LOG_ERROR);
    }

    private final Codec codec;
    private final int threads;

    /**
     * Sets what all videos of this encoder have in common.
     *
     * @param codec to compress with
     * @param threads of one encoding, at least 1; another number may give other bytes
     */
    public FfmpegVideoEncoder(Codec codec, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("encoder: expected at least 1 thread, got " + threads);
        }
        this.codec = codec;
        this.threads = threads;
    }

    @Override
    public Segment encode(Frames frames, FrameRate rate, SegmentPosition position) {
        try (CodecContext context =
                        CodecContext.open(new FfmpegCodec(codec), frames.width(), frames.height(), rate, threads);
                // No segment has more fragments than frames, so numbers from its first frame's on keep growing.
                Mp4Writer writer =
                        Mp4Writer.open(context, CodecContext.framesASecond(rate), position.firstFrameIndex() + 1)) {
            context.encode(frames, position.firstFrameIndex(), writer::write);
            ByteBuffer payload = ByteBuffer.wrap(writer.finish());
            String codecs = CodecsParameter.of(payload.slice(0, writer.initLength()));
            return new Segment(
                    position,
                    "video/mp4; codecs=\"" + codecs + "\"",
                    frames.width(),
                    frames.height(),
                    rate,
                    frames.count(),
                    payload,
                    writer.initLength());
        }
    }
}
