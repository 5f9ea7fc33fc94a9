package io.zoetrope.engine;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.prompt.ModelLimits;
import java.io.Serializable;

/** Opens engines where the job runs; travels there with it. */
public interface EngineFactory extends Serializable {
    /** Names the bundle, the device and every option that an engine is opened with: equal ids share one engine. */
    String id();

    /** What the engine can be asked for. */
    ModelLimits limits();

    /** How many requests each parallel slot of the job has in flight; reading pauses above it. */
    int inFlightPerSlot();

    /**
     * Opens an engine.
     *
     * @param devices what this process may run it on
     * @throws Exception if it cannot be opened; the job fails with it
     */
    Engine open(DeviceSource devices) throws Exception;
}
