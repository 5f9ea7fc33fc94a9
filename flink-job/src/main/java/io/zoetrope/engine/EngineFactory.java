package io.zoetrope.engine;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.prompt.ModelLimits;
import java.io.Serializable;

/** Opens engines in the processes that run the job. Serialized with the job. */
public interface EngineFactory extends Serializable {
    /**
     * Returns an id made of the bundle, the devices and every engine option. Factories of equal ids share one engine.
     */
    String id();

    /** Returns the digest of the bundle, in hexadecimal, by which versions of one model differ. */
    String digest();

    /** Returns the limits of the prompts that the model accepts. */
    ModelLimits limits();

    /**
     * Returns the maximum number of requests in flight per parallel slot of the job. A slot stops reading at this
     * number.
     */
    int inFlightPerSlot();

    /**
     * Opens an engine.
     *
     * @param devices the devices that this process may use
     * @throws Exception if it cannot be opened; the job fails with it
     */
    Engine open(DeviceSource devices) throws Exception;
}
