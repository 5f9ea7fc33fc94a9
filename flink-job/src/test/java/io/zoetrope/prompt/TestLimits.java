package io.zoetrope.prompt;

import java.util.List;

/** Limits of models with one video shape, for tests. */
public final class TestLimits {
    /** 64x64 with 17 frames, the shape of the shipped bundle. */
    public static final VideoShape SHAPE = new VideoShape(64, 64, 17);

    private TestLimits() {}

    /** Returns the limits of a model with one or two steps that takes no first frame. */
    public static ModelLimits of(String model, VideoShape shape) {
        return of(model, shape, ModelLimits.FirstFrameUse.REFUSED);
    }

    /** Returns the limits of a model with one or two steps. */
    public static ModelLimits of(String model, VideoShape shape, ModelLimits.FirstFrameUse firstFrame) {
        return new ModelLimits(
                model,
                List.of(1, 2),
                List.of(new ModelLimits.Size(shape.width(), shape.height())),
                List.of(shape.frames()),
                firstFrame);
    }
}
