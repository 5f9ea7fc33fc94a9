package io.zoetrope.lane;

import java.time.Duration;

/**
 * A lane's answer to one request.
 *
 * @param value what the stage made of it
 * @param queued how long it waited for the device
 * @param batchSize how many requests shared the run that served it
 */
public record Served<O>(O value, Duration queued, int batchSize) {}
