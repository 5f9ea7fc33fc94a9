package io.zoetrope.image;

/**
 * The input of an image encoder for one video.
 *
 * @param picture the picture that the video starts from, as large as the video
 * @param latentFrames T, the number of latent frames of the video
 */
public record FirstFrameInput(Picture picture, int latentFrames) {}
