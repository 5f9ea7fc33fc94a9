package io.zoetrope.bundle;

import java.util.List;

/**
 * The sizes, lengths and frame rate of the videos that the bundle makes: each size in each length.
 *
 * @param sizes the frame sizes; the first is the default
 * @param frameCounts the numbers of frames of a video; the first is the default
 * @param frameRateNum the numerator of the frames per second
 * @param frameRateDen the denominator of the frames per second
 */
public record VideoSpec(List<FrameSize> sizes, List<Integer> frameCounts, int frameRateNum, int frameRateDen) {
    public VideoSpec {
        sizes = List.copyOf(sizes);
        frameCounts = List.copyOf(frameCounts);
    }

    /**
     * Checks that the bundle makes videos of a size and length.
     *
     * @throws IllegalArgumentException if it does not
     */
    void requireVideo(int width, int height, int frames) {
        if (!sizes.contains(new FrameSize(width, height))) {
            throw new IllegalArgumentException(
                    "expected frames of a size that the bundle lists, " + sizes + ", got " + width + "x" + height);
        }
        if (!frameCounts.contains(frames)) {
            throw new IllegalArgumentException(
                    "expected a number of frames that the bundle lists, " + frameCounts + ", got " + frames);
        }
    }
}
