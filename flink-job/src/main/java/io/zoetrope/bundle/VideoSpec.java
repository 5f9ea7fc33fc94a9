package io.zoetrope.bundle;

/**
 * The size, length and frame rate of the videos that the bundle makes.
 *
 * @param width the width in pixels
 * @param height the height in pixels
 * @param frameCount the number of frames of a video
 * @param frameRateNum the numerator of the frames per second
 * @param frameRateDen the denominator of the frames per second
 */
public record VideoSpec(int width, int height, int frameCount, int frameRateNum, int frameRateDen) {}
