package io.zoetrope;

/**
 * How an engine works.
 *
 * @param placement of the stages
 * @param lane how the model runs on each device
 * @param inFlight most requests that are taken and not yet answered
 * @param encodeThreads videos encoded side by side
 */
public record EngineTerms(Placement placement, LaneTerms lane, int inFlight, int encodeThreads) {}
