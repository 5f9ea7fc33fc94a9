package io.zoetrope.bundle;

/**
 * A size of frames that the bundle makes.
 *
 * @param width the width in pixels
 * @param height the height in pixels
 */
public record FrameSize(int width, int height) {
    @Override
    public String toString() {
        return width + "x" + height;
    }
}
