package io.zoetrope.ffmpeg;

import java.util.Map;

/** What the video is compressed with. Each is set to constant quality, for flat cartoons as for camera pictures. */
public enum Codec {
    /** The least work for its bytes. */
    VP9("libvpx-vp9"),
    /** Fewer bytes of small clips, for two to four times the work. */
    AV1("libsvtav1"),
    /** The largest, and played everywhere. */
    H264("libopenh264");

    private final String encoder;

    Codec(String encoder) {
        this.encoder = encoder;
    }

    /** FFmpeg's name of the encoder. */
    String encoder() {
        return encoder;
    }

    /** The encoder's own options. Equal options and frames give equal bytes. */
    Map<String, String> options(int threads) {
        return switch (this) {
            case AV1 -> Map.of("preset", "8", "crf", "24", "svtav1-params", "lp=" + threads);
            case VP9 -> Map.of("deadline", "realtime", "cpu-used", "6", "crf", "30", "lag-in-frames", "0");
            case H264 -> Map.of("profile", "high", "coder", "cabac", "qmin", "22", "qmax", "22");
        };
    }

    /**
     * The frames from one key frame to the next.
     *
     * <p>OpenH264 looks for still background in brightness only and cannot be told not to: a yellow shape that moves over
     * an equally bright cream stays behind in pieces. It does not look in the frame after a key frame, so every second
     * frame is one, for 20% to 40% more bytes.
     */
    int keyFrameInterval(int framesASecond) {
        return this == H264 ? Math.min(2, framesASecond) : framesASecond;
    }
}
