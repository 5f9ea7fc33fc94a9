package io.zoetrope.engine;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.hosting.Leases;

/** Shares one engine among all slots of this process whose factories have equal ids. */
public final class EngineRegistry {
    private static final Leases<String, Engine> PROCESS_WIDE = new Leases<>(Engine::close);

    private EngineRegistry() {}

    /** One slot's lease of an engine. The last lease of an engine that is closed closes the engine. */
    public interface Lease extends AutoCloseable {
        /** Returns the engine, usable until this lease is closed. */
        Engine engine();

        /** Ends the lease. Returns after the engine is closed if this was its last lease. */
        @Override
        void close();
    }

    /**
     * Leases the engine that {@code factory} describes, and opens it if no other slot holds it.
     *
     * @param devices the devices that this process may use, if the engine is opened
     * @throws Exception from the factory; no lease is kept, so the next call tries again
     */
    public static Lease acquire(EngineFactory factory, DeviceSource devices) throws Exception {
        Leases<String, Engine>.Lease lease = PROCESS_WIDE.acquire(factory.id(), () -> factory.open(devices));
        return new Lease() {
            @Override
            public Engine engine() {
                return lease.value();
            }

            @Override
            public void close() {
                lease.close();
            }
        };
    }
}
