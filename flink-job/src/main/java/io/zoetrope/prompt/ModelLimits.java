package io.zoetrope.prompt;

import java.io.Serializable;
import java.util.Set;

/**
 * The requests that the served model supports.
 *
 * @param model the bundle's name
 * @param steps the supported numbers of generator passes
 * @param width the width of the model's videos, in pixels
 * @param height the height of the model's videos, in pixels
 * @param frames the number of frames in each video
 * @param firstFrame whether a video can start from an image
 */
public record ModelLimits(String model, Set<Integer> steps, int width, int height, int frames, boolean firstFrame)
        implements Serializable {
    public ModelLimits {
        steps = Set.copyOf(steps);
    }
}
