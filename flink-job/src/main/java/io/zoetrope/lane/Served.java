package io.zoetrope.lane;

import java.time.Duration;

/**
 * A lane's answer to one request.
 *
 * @param value what the stage made of it
 * @param queued how long it waited for the device
 * @param ran how long the run took that served it
 * @param batchSize how many requests shared that run
 */
public record Served<O>(O value, Duration queued, Duration ran, int batchSize) {}
