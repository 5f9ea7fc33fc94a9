package io.zoetrope.bundle;

/**
 * The sizes of the axes that vary from run to run. An axis that no tensor of a graph has may have any size, such as 0.
 *
 * @param batch B, the videos of a batch
 * @param length L, the tokens of a prompt with padding
 * @param latentFrames T, the latent frames
 * @param latentHeight H, the height in latent cells
 * @param latentWidth W, the width in latent cells
 * @param frames F, the frames of a video
 * @param height Y, the height in pixels
 * @param width X, the width in pixels
 */
public record Axes(
        int batch, int length, int latentFrames, int latentHeight, int latentWidth, int frames, int height, int width) {
    /** Returns the axes of a run on token ids alone. */
    public static Axes ofText(int batch, int length) {
        return new Axes(batch, length, 0, 0, 0, 0, 0, 0);
    }

    /** Returns the size of the axis that a symbol stands for. */
    long size(String symbol) {
        return switch (symbol) {
            case TensorSpec.BATCH -> batch;
            case TensorSpec.LENGTH -> length;
            case TensorSpec.LATENT_FRAMES -> latentFrames;
            case TensorSpec.LATENT_HEIGHT -> latentHeight;
            case TensorSpec.LATENT_WIDTH -> latentWidth;
            case TensorSpec.FRAMES -> frames;
            case TensorSpec.HEIGHT -> height;
            case TensorSpec.WIDTH -> width;
            case TensorSpec.YUV_ROWS -> height * 3L / 2;
            default -> throw new IllegalArgumentException("axis: expected a symbol, got " + symbol);
        };
    }
}
