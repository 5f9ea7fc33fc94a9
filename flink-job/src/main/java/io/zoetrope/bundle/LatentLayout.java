package io.zoetrope.bundle;

import java.util.List;

/**
 * The shape of latents and their relation to frames. The decoder's graph applies shift and scale itself; they are
 * listed for training on the latents.
 *
 * @param channels C, the channels
 * @param frames T, the latent frames
 * @param height H, the height in latent cells
 * @param width W, the width in latent cells
 * @param spatialCompression the pixels per latent cell, in height and in width
 * @param temporalCompression the frames per latent frame after the first
 * @param shift the shift of each channel
 * @param scale the scale of each channel
 */
public record LatentLayout(
        int channels,
        int frames,
        int height,
        int width,
        int spatialCompression,
        int temporalCompression,
        List<Double> shift,
        List<Double> scale) {
    public LatentLayout {
        shift = List.copyOf(shift);
        scale = List.copyOf(scale);
    }
}
