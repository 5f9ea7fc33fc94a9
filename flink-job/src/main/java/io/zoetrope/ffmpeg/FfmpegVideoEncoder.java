package io.zoetrope.ffmpeg;

import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.encode.VideoEncoder;
import io.zoetrope.failure.NativeLibraryException;
import io.zoetrope.natives.JavaCppSettings;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.bytedeco.ffmpeg.global.avutil;

/**
 * A video encoder on FFmpeg's encoders and MP4 writer, in this process. About every second a key frame starts a
 * fragment, groups of pictures are closed, and times count from the video's first frame. So the init segment and any
 * later fragment are playable without the fragments between them.
 *
 * <p>SVT-AV1 prints a banner for each video unless the environment has {@code SVT_LOG=1}.
 */
public final class FfmpegVideoEncoder implements VideoEncoder {
    private final Codec codec;
    private final int threads;

    /**
     * Creates an encoder.
     *
     * @param codec the codec of all its videos
     * @param threads the threads per video, at least 1; another number may give other bytes
     * @throws IllegalArgumentException if the number of threads is below 1
     * @throws NativeLibraryException if the library cannot be loaded on this machine
     */
    public FfmpegVideoEncoder(Codec codec, int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("encoder: expected at least 1 thread, got " + threads);
        }
        this.codec = codec;
        this.threads = threads;
        try {
            JavaCppSettings.apply();
            load();
        } catch (CompletionException e) {
            throw new NativeLibraryException("FFmpeg", Objects.requireNonNullElse(e.getCause(), e));
        } catch (RuntimeException e) {
            throw new NativeLibraryException("FFmpeg", e);
        }
    }

    /**
     * Loads the library on a thread that is not interrupted. The task's thread is interrupted when its task is cancelled,
     * and an interrupt fails JavaCPP's loading. The JVM never again initializes a class whose initialization has failed,
     * so the process could not open an encoder any more.
     */
    private static void load() {
        CompletableFuture.runAsync(
                        () -> avutil.av_log_set_level(avutil.AV_LOG_ERROR),
                        task -> new Thread(task, "load-ffmpeg").start())
                .join();
    }

    @Override
    public Segment encode(Frames frames, FrameRate rate, SegmentPosition position) {
        try (CodecContext context =
                        CodecContext.open(new FfmpegCodec(codec), frames.width(), frames.height(), rate, threads);
                // A segment has at most as many fragments as frames, so sequence numbers from its first frame's number
                // on increase.
                Mp4Writer writer =
                        Mp4Writer.open(context, CodecContext.framesPerSecond(rate), position.firstFrameIndex() + 1)) {
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
