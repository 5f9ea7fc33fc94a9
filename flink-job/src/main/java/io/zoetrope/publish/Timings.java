package io.zoetrope.publish;

import java.time.Duration;

/**
 * How long each stage of a request took. The times of the model stages are the times of the request's whole batch.
 *
 * @param queue the time of waiting for the devices, summed over all model stages
 * @param text the time of encoding the prompt's text, and its first frame if it has one
 * @param generate the time of sampling the latents
 * @param decode the time of decoding the latents into frames
 * @param encode the time of encoding the frames, including the wait for a free encoder
 */
public record Timings(Duration queue, Duration text, Duration generate, Duration decode, Duration encode) {
    /** Returns the time of the runs on devices, each of the request's whole batch. */
    public Duration onDevices() {
        return text.plus(generate).plus(decode);
    }
}
