package io.zoetrope.publish;

import java.time.Duration;

/**
 * Where a request's time went. The model stages' times are those of its whole batch.
 *
 * @param queue waiting for the devices, over all model stages
 * @param text encoding the prompt, and the first frame where it brings one
 * @param generate sampling latents
 * @param decode turning latents into frames
 * @param encode turning frames into bytes, the wait for a free encoder included
 */
public record Timings(Duration queue, Duration text, Duration generate, Duration decode, Duration encode) {}
