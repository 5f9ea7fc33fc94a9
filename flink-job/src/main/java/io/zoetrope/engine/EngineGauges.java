package io.zoetrope.engine;

import io.zoetrope.device.DeviceGauges;
import java.util.List;

/**
 * How an engine stands right now. Metric reporters read it on threads of their own while the engine runs, so nothing here
 * waits for the device or takes a lock that a lane holds while it runs.
 */
public interface EngineGauges {
    /** Prompts that were taken and are not answered yet, wherever they are. */
    int inFlight();

    /** The engine's lanes, one a device; always the same ones. */
    List<DeviceGauges> lanes();
}
