package io.zoetrope.engine;

import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;

/**
 * How an engine works.
 *
 * @param placement of the stages
 * @param lane how the model runs on each device
 * @param inFlight most requests that are taken and not yet answered
 * @param encodeThreads videos encoded side by side
 */
public record EngineOptions(Placement placement, LaneOptions lane, int inFlight, int encodeThreads) {}
