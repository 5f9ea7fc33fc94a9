package io.zoetrope.cli;

import io.zoetrope.prompt.PromptRequest;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.prompt.Seed;
import java.time.Duration;

/**
 * The result of one prompt of the demo.
 *
 * @param request the request that was published
 * @param answer the answer to the request
 * @param elapsed the time from the start of the command to the answer
 */
record DemoResult(PromptRequest request, Answer answer, Duration elapsed) {
    boolean isVideo() {
        return answer instanceof Answer.Clip;
    }

    /** Returns the name of the MP4 file in the demo's folder. It exists only if the answer is a video. */
    String file() {
        return FileNames.mp4(request.requestId());
    }

    /** Returns the seed of the request, or the seed that the job derives if the request has none. */
    long seed() {
        return request.seed().orElseGet(() -> Seed.derive(new RequestId(request.requestId())));
    }
}
