package io.zoetrope.prompt;

import java.io.Serializable;
import java.util.Set;

/**
 * What the served model can be asked for.
 *
 * @param model the bundle's name
 * @param steps the numbers of generator passes it offers
 * @param width of its videos, in pixels
 * @param height of its videos, in pixels
 * @param frames of its videos
 * @param firstFrame whether a video may start from an image
 */
public record ModelLimits(String model, Set<Integer> steps, int width, int height, int frames, boolean firstFrame)
        implements Serializable {
    public ModelLimits {
        steps = Set.copyOf(steps);
    }
}
