package io.zoetrope.prompt;

import java.io.Serializable;
import java.util.List;

/**
 * The requests that a served model supports.
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
    private static final double MOST_WORK = 1000;

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

    /**
     * Returns how much work a request is, compared with the default request: by its passes, pixels and frames. Values
     * that the model does not support, which the validator refuses later, count up to a bound.
     */
    public double work(PromptRequest request) {
        Size size = sizes.get(0);
        int passes = request.steps() == PromptRequest.DEFAULT_STEPS ? steps.get(0) : request.steps();
        double work = (double) passes / steps.get(0);
        work *= (double) request.width().orElse(size.width()) / size.width();
        work *= (double) request.height().orElse(size.height()) / size.height();
        work *= (double) request.frames().orElse(frames.get(0)) / frames.get(0);
        return Math.max(1 / MOST_WORK, Math.min(MOST_WORK, work));
    }
}
