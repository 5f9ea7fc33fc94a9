package io.zoetrope.cli;

import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.Seed;
import java.time.Duration;

/**
 * What became of one prompt of the demo.
 *
 * @param request what was asked
 * @param answer what came
 * @param elapsed since the command was given
 */
record DemoResult(PromptRequest request, Answer answer, Duration elapsed) {
    boolean isVideo() {
        return answer instanceof Answer.Clip;
    }

    /** The name of its MP4 in the demo's folder, where it has one. */
    String file() {
        return FileNames.mp4(request.requestId());
    }

    /** The seed that was given, or the one that stands for it. */
    long seed() {
        return request.seed().orElseGet(() -> Seed.derive(new RequestId(request.requestId())));
    }
}
