package io.zoetrope.ffmpeg;

import io.zoetrope.buffer.TestBuffers;
import io.zoetrope.decode.Frames;
import java.nio.ByteBuffer;

/** Drawn clips. */
public final class Clips {
    private Clips() {}

    /** A bright square that moves over a soft background, two pixels a frame, as the toy world draws them. */
    public static Frames movingSquare(int count, int width, int height) {
        return draw(count, width, height, 190);
    }

    /** The same, and the square is exactly as bright as what it moves over: only colour tells them apart. */
    static Frames equallyBrightSquare(int count, int width, int height) {
        return draw(count, width, height, 120);
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
