package io.zoetrope.encode;

/**
 * Frames a second as an exact fraction, such as 30000/1001.
 *
 * @param num frames, at least 1
 * @param den in that many seconds, at least 1
 */
public record FrameRate(int num, int den) {
    /** Refuses with an {@link IllegalArgumentException} parts below 1. */
    public FrameRate {
        if (num < 1 || den < 1) {
            throw new IllegalArgumentException("frame rate: expected positive parts, got " + num + "/" + den);
        }
    }
}
