package io.zoetrope.engine;

import io.zoetrope.prompt.Prompt;
import io.zoetrope.publish.Video;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** Generates videos from prompts, many at the same time. Safe for use by many threads. */
public interface Engine extends AutoCloseable {
    /**
     * Starts to generate the video of a prompt. Never blocks: while the maximum number of requests is in flight, the
     * prompt waits for its admission. The caller has to bound the number of prompts that wait.
     *
     * <p>The returned stage completes with the video, or fails with
     *
     * <ul>
     *   <li>{@link io.zoetrope.failure.RequestException} if this request alone failed;
     *   <li>{@link java.util.concurrent.TimeoutException} if its deadline passed before one of its stages began;
     *   <li>{@link java.util.concurrent.CancellationException} if it was cancelled before one of its stages began;
     *   <li>{@link java.util.concurrent.RejectedExecutionException} if the engine was closed before one of its stages
     *       began.
     * </ul>
     *
     * @throws java.util.concurrent.RejectedExecutionException if the engine is closed
     */
    CompletionStage<Video> generate(Prompt prompt);

    /**
     * Starts to generate the video of a prompt, as {@link #generate(Prompt)}, before those that wait already.
     *
     * @param ahead how much earlier another request may have been sent and wait behind this one; at most a minute. An
     *     engine without a queue of its own ignores it
     */
    default CompletionStage<Video> generate(Prompt prompt, Duration ahead) {
        return generate(prompt);
    }

    /**
     * Returns the number of requests in flight that keeps every device and every encoder busy, by what is known now. It
     * may change after any answer.
     */
    default int usefulInFlight() {
        return Integer.MAX_VALUE;
    }

    /**
     * Cancels one request. A waiting request ends at once; a request that a stage runs ends before its next stage. Has
     * no effect on a request that is done.
     *
     * @param answer the stage that {@code generate} returned for the request; an id would not do, because the requests
     *     of several jobs can have equal ids
     */
    void cancel(CompletionStage<Video> answer);

    /**
     * Returns whether the engine can still answer requests. It cannot when a stage has no lane left; it then has to be
     * closed and opened again.
     */
    default boolean isUsable() {
        return true;
    }

    /**
     * Returns the engine's state, for metrics. Usable after {@link #close} too, because a metric reporter may read it
     * late.
     */
    EngineGauges gauges();

    /**
     * Fails waiting requests with a RejectedExecutionException, waits for runs to end, and frees memory and devices.
     */
    @Override
    void close();
}
