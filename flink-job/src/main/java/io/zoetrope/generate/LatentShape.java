package io.zoetrope.generate;

/**
 * The shape of one video's latents, [C,T,H,W].
 *
 * @param channels C, the channels
 * @param frames T, the latent frames
 * @param height H, the height in latent cells
 * @param width W, the width in latent cells
 */
public record LatentShape(int channels, int frames, int height, int width) {
    /** Throws an {@link IllegalArgumentException} if an axis is below 1 or there are 2^31 numbers or more. */
    public LatentShape {
        if (channels < 1 || frames < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("latents: expected sides of at least 1, got [" + channels + "," + frames
                    + "," + height + "," + width + "]");
        }
        try {
            Math.multiplyExact(Math.multiplyExact(Math.multiplyExact(channels, frames), height), width);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "latents: expected fewer than 2^31 numbers, got [" + channels + "," + frames + "," + height + ","
                            + width + "]",
                    e);
        }
    }

    /** Returns the number of values in one video's latents. */
    public int size() {
        return channels * frames * height * width;
    }
}
