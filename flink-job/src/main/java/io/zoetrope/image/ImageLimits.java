package io.zoetrope.image;

import java.io.Serializable;

/**
 * The largest image that is decoded. All limits are checked before the work that they bound.
 *
 * @param bytes the largest file
 * @param pixels the largest number of pixels, before scaling
 * @param side the longest side, in pixels
 * @param scans the largest number of scans of a progressive JPEG, each of which passes over all pixels
 */
public record ImageLimits(long bytes, long pixels, int side, int scans) implements Serializable {
    /** The defaults of the job's options. */
    public static final ImageLimits DEFAULT = new ImageLimits(8 << 20, 25_000_000, 16_384, 100);
}
