package io.zoetrope.lane;

import java.time.Duration;

/**
 * A lane's result for one request.
 *
 * @param value the stage's result
 * @param queued how long the request waited for the device
 * @param ran the duration of the run
 * @param batchSize the number of requests in the run
 */
public record Served<O>(O value, Duration queued, Duration ran, int batchSize) {}
