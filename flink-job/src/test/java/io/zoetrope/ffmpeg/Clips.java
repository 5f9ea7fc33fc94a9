package io.zoetrope.ffmpeg;

import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.decode.Frames;
import io.zoetrope.encode.Codec;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import java.nio.ByteBuffer;

/** Clips that are drawn for tests. */
public final class Clips {
    private Clips() {}

    /**
     * Returns a clip of a bright square that moves over a soft background, two pixels per frame, as in the toy world.
     */
    public static Frames movingSquare(int count, int width, int height) {
        return draw(count, width, height, 190);
    }

    /** Returns a clip of a square that is exactly as bright as its background and differs only in colour. */
    static Frames equallyBrightSquare(int count, int width, int height) {
        return draw(count, width, height, 120);
    }

    /** Encodes a clip as a whole segment, on one thread. */
    static Segment encode(Codec codec, Frames frames, FrameRate rate) {
        return new FfmpegVideoEncoder(codec, 1).encode(frames, rate, SegmentPosition.WHOLE);
    }

    private static Frames draw(int count, int width, int height, int squareLuma) {
        ByteBuffer yuv = ByteBuffer.allocate(count * width * height * 3 / 2);
        for (int frame = 0; frame < count; frame++) {
            int left = width / 8 + 2 * frame;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    yuv.put((byte) (inside(x, y, left, height) ? squareLuma : 120 + (x + y) % 2));
                }
            }
            for (int level : new int[] {60, 170}) { // U, then V; the background is gray
                for (int y = 0; y < height; y += 2) {
                    for (int x = 0; x < width; x += 2) {
                        yuv.put((byte) (inside(x, y, left, height) ? level : 128));
                    }
                }
            }
        }
        return new Frames(TestBuffers.bytes(yuv.flip()), count, width, height);
    }

    private static boolean inside(int x, int y, int left, int height) {
        int side = height / 3 / 2 * 2;
        return x >= left && x < left + side && y >= side && y < 2 * side;
    }
}
