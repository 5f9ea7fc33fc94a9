package io.zoetrope.engine;

import io.zoetrope.device.DeviceGauges;
import java.util.List;

/**
 * The current state of an engine. Metric reporters read it on their own threads while the engine runs, so no method
 * waits for a device or takes a lock that a lane holds during a run.
 */
public interface EngineGauges {
    /** Returns the number of requests that are accepted and not yet answered. */
    int inFlight();

    /** Returns the gauges of the engine's devices; always the same objects. */
    List<DeviceGauges> devices();
}
