package io.zoetrope.ffmpeg;

import io.zoetrope.encode.Codec;
import java.util.Map;

/**
 * The FFmpeg encoder of a codec and its settings. Each encoder is set to constant quality, for flat cartoons as well as
 * for camera pictures.
 *
 * @param codec the codec that the encoder writes
 */
record FfmpegCodec(Codec codec) {
    /** Returns FFmpeg's name of the encoder. */
    String encoder() {
        return switch (codec) {
            case VP9 -> "libvpx-vp9";
            case AV1 -> "libsvtav1";
            case H264 -> "libopenh264";
        };
    }

    /** Returns the encoder's private options. Equal options and frames give equal bytes. */
    Map<String, String> options(int threads) {
        return switch (codec) {
            case AV1 -> Map.of("preset", "8", "crf", "24", "svtav1-params", "lp=" + threads);
            case VP9 -> Map.of("deadline", "realtime", "cpu-used", "6", "crf", "30", "lag-in-frames", "0");
            case H264 -> Map.of("profile", "high", "coder", "cabac", "qmin", "22", "qmax", "22");
        };
    }

    /**
     * Returns the number of frames from one key frame to the next.
     *
     * <p>OpenH264 detects a still background by brightness only, and has no option against it: a yellow shape that
     * moves over an equally bright cream background leaves pieces behind. It does not do so in the frame after a key
     * frame. So every second frame is a key frame, for 20% to 40% more bytes.
     */
    int keyFrameInterval(int framesPerSecond) {
        return codec == Codec.H264 ? Math.min(2, framesPerSecond) : framesPerSecond;
    }
}
