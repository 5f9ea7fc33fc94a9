package io.zoetrope.encode;

/**
 * Frames per second as an exact fraction, such as 30000/1001.
 *
 * @param num the numerator: a number of frames, at least 1
 * @param den the denominator: the seconds in which they are shown, at least 1
 */
public record FrameRate(int num, int den) {
    /** Throws an {@link IllegalArgumentException} if a part is below 1. */
    public FrameRate {
        if (num < 1 || den < 1) {
            throw new IllegalArgumentException("frame rate: expected positive parts, got " + num + "/" + den);
        }
    }
}
