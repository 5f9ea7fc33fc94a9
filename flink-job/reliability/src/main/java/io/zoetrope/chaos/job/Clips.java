package io.zoetrope.chaos.job;

import io.zoetrope.buffer.BufferPool;
import io.zoetrope.buffer.PooledBuffer;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.ffmpeg.FfmpegVideoEncoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The few clips that all requests ask for, so that equal requests can be compared. */
public final class Clips {
    /** The number of different requests. */
    public static final int COUNT = 8;

    static final int SIDE = 64;
    static final int FRAMES = 17;

    private static final List<String> COLOURS =
            List.of("red", "orange", "yellow", "green", "blue", "purple", "pink", "white");

    private Clips() {}

    /** Returns the text of the prompt for a clip. */
    public static String text(int clip) {
        return "a " + COLOURS.get(clip) + " circle moving right on a black background";
    }

    /** Returns the seed of a clip. */
    public static long seed(int clip) {
        return clip;
    }

    /** Encodes all clips: a bright stripe that moves, at a different height in each clip. */
    static List<Segment> encode() {
        FfmpegVideoEncoder encoder = new FfmpegVideoEncoder(Codec.VP9, 1);
        BufferPool pool = new BufferPool(0);
        List<Segment> segments = new ArrayList<>();
        for (int clip = 0; clip < COUNT; clip++) {
            PooledBuffer memory = pool.take(FRAMES * SIDE * SIDE * 3 / 2);
            draw(clip, memory.bytes());
            try (Frames frames = new Frames(memory, FRAMES, SIDE, SIDE)) {
                segments.add(encoder.encode(frames, new FrameRate(12, 1), SegmentPosition.WHOLE));
            }
        }
        return segments;
    }

    private static void draw(int clip, ByteBuffer yuv) {
        for (int frame = 0; frame < FRAMES; frame++) {
            for (int y = 0; y < SIDE; y++) {
                for (int x = 0; x < SIDE; x++) {
                    boolean bright = y / COUNT == clip && x / 4 == frame % 16;
                    yuv.put((byte) (bright ? 200 : 60));
                }
            }
            for (int i = 0; i < SIDE * SIDE / 2; i++) {
                yuv.put((byte) 128);
            }
        }
    }
}
