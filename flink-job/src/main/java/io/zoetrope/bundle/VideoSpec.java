package io.zoetrope.bundle;

/**
 * The videos that the bundle makes.
 *
 * @param width in pixels
 * @param height in pixels
 * @param frameCount frames of a video
 * @param frameRateNum frames ...
 * @param frameRateDen ... in that many seconds
 */
public record VideoSpec(int width, int height, int frameCount, int frameRateNum, int frameRateDen) {}
