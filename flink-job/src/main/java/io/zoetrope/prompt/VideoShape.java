package io.zoetrope.prompt;

/**
 * The size and length of a video.
 *
 * @param width the width in pixels
 * @param height the height in pixels
 * @param frames the number of frames
 */
public record VideoShape(int width, int height, int frames) {
    @Override
    public String toString() {
        return width + "x" + height + " with " + frames + " frames";
    }
}
