package io.zoetrope.engine;

import io.zoetrope.prompt.Prompt;
import io.zoetrope.prompt.RequestId;
import io.zoetrope.publish.Video;
import java.util.concurrent.CompletionStage;

/** Makes videos of prompts, many at once. Safe for many threads. */
public interface Engine extends AutoCloseable {
    /**
     * Starts on a prompt; blocks while too many wait.
     *
     * <p>The stage ends with the video, or with
     *
     * <ul>
     *   <li>{@link io.zoetrope.failure.RequestException}: this request alone failed;
     *   <li>{@link java.util.concurrent.TimeoutException}: its deadline passed before its turn;
     *   <li>{@link java.util.concurrent.CancellationException}: it was cancelled before its turn;
     *   <li>{@link java.util.concurrent.RejectedExecutionException}: the engine is closed.
     * </ul>
     *
     * @throws InterruptedException if interrupted while blocked; the prompt is not started
     * @throws java.util.concurrent.RejectedExecutionException if the engine is closed
     */
    CompletionStage<Video> generate(Prompt prompt) throws InterruptedException;

    /** Ends a request where it waits, or before its next stage if one runs; without effect on one that is done. */
    void cancel(RequestId requestId);

    /** How it stands, for metrics; answers after {@link #close} too, for whoever reads them may come late. */
    EngineGauges gauges();

    /** Frees device and memory once nothing runs; what waits ends with a RejectedExecutionException. */
    @Override
    void close();
}
