package io.zoetrope.bundle;

import java.util.List;

/**
 * How latents stand for frames. Shift and scale are the decoder graph's own affair; they are here for whoever trains on
 * the latents.
 *
 * @param channels C
 * @param frames T
 * @param height H
 * @param width W
 * @param spatialCompression pixels for each latent cell, in height and in width
 * @param temporalCompression frames for each latent frame after the first
 * @param shift of each channel
 * @param scale of each channel
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
