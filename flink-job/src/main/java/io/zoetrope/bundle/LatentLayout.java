package io.zoetrope.bundle;

import java.util.List;

/**
 * The channels of latents and their relation to frames. The decoder's graph applies shift and scale itself; they are
 * listed for training on the latents.
 *
 * @param channels C, the channels
 * @param spatialCompression the pixels per latent cell, in height and in width
 * @param temporalCompression the frames per latent frame after the first
 * @param shift the shift of each channel
 * @param scale the scale of each channel
 */
public record LatentLayout(
        int channels, int spatialCompression, int temporalCompression, List<Double> shift, List<Double> scale) {
    public LatentLayout {
        shift = List.copyOf(shift);
        scale = List.copyOf(scale);
    }

    /** Returns the number of latent frames of a video. */
    public int latentFrames(int frames) {
        return 1 + (frames - 1) / temporalCompression;
    }

    /** Returns the number of frames of a video. */
    public int frames(int latentFrames) {
        return 1 + (latentFrames - 1) * temporalCompression;
    }

    /** Returns the number of latent cells along a side of a frame. */
    public int cells(int pixels) {
        return pixels / spatialCompression;
    }

    /** Returns the number of pixels along a side of a frame. */
    public int pixels(int cells) {
        return cells * spatialCompression;
    }
}
