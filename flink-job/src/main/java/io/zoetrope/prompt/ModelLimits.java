package io.zoetrope.prompt;

import java.io.Serializable;
import java.util.List;

/**
 * The requests that the served model supports.
 *
 * @param model the bundle's name
 * @param steps the supported numbers of generator passes; the first is the default
 * @param sizes the supported sizes of frames, the first is the default
 * @param frames the supported numbers of frames; the first is the default
 * @param firstFrame whether a video can start from an image
 */
public record ModelLimits(
        String model, List<Integer> steps, List<Size> sizes, List<Integer> frames, FirstFrameUse firstFrame)
        implements Serializable {
    /**
     * A size of frames.
     *
     * @param width the width in pixels
     * @param height the height in pixels
     */
    public record Size(int width, int height) implements Serializable {
        @Override
        public String toString() {
            return width + "x" + height;
        }
    }

    /** Whether a request has an image that its video starts from. */
    public enum FirstFrameUse {
        /** The model makes videos from text alone. */
        REFUSED,
        /** The model makes videos with and without an image. */
        OPTIONAL,
        /** The model makes videos from an image only. */
        REQUIRED
    }

    /** Throws an {@link IllegalArgumentException} if there is no number of steps, no size or no number of frames. */
    public ModelLimits {
        steps = List.copyOf(steps);
        sizes = List.copyOf(sizes);
        frames = List.copyOf(frames);
        if (steps.isEmpty() || sizes.isEmpty() || frames.isEmpty()) {
            throw new IllegalArgumentException(
                    "limits of " + model + ": expected at least one number of steps, size and"
                            + " number of frames, got " + steps + ", " + sizes + " and " + frames);
        }
    }
}
