package io.zoetrope.engine;

import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;

/**
 * The options of an engine.
 *
 * @param placement the devices of each stage
 * @param lane the options of the lanes on each device
 * @param inFlight the maximum number of requests that are accepted and not yet answered
 * @param encodeThreads the number of threads that encode videos in parallel
 */
public record EngineOptions(Placement placement, LaneOptions lane, int inFlight, int encodeThreads) {}
