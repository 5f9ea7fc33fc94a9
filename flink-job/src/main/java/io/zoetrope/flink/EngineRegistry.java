package io.zoetrope.flink;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.device.Leases;

/** Shares one engine among all slots of a process that ask for the same. */
final class EngineRegistry {
    private static final Leases<String, Engine> OF_PROCESS = new Leases<>(Engine::close);

    private EngineRegistry() {}

    /**
     * A hold on the engine that {@code factory} describes.
     *
     * @param devices what this process may run it on, if this is the first hold
     * @throws Exception as the factory throws it; nothing is kept, so that the next call tries again
     */
    static Leases<String, Engine>.Lease acquire(EngineFactory factory, DeviceSource devices) throws Exception {
        return OF_PROCESS.acquire(factory.id(), () -> factory.open(devices));
    }
}
