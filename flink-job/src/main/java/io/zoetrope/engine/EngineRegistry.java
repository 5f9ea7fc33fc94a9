package io.zoetrope.engine;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.hosting.Delay;
import io.zoetrope.hosting.Leases;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Shares one engine among all slots of this process whose factories have equal ids. An engine without slots stays open
 * for a grace time: a job that restarts takes it over, and does not load and measure the model again.
 */
public final class EngineRegistry {
    /**
     * The grace time of an engine. A restart takes a few seconds; the delay between failing restarts grows to a minute.
     */
    static final Duration GRACE = Duration.ofSeconds(90);

    private static final Leases<String, Engine> PROCESS_WIDE =
            new Leases<>(Engine::close, Engine::isUsable, GRACE, Delay.onThread("engine-grace"));

    private EngineRegistry() {}

    /** One slot's lease of an engine. */
    public interface Lease extends AutoCloseable {
        /** Returns the engine, usable until this lease is closed. */
        Engine engine();

        /** Ends the lease. If it was the last one, the engine is closed after its grace time. */
        @Override
        void close();
    }

    /** Closes the engines that no slot leases, in place of the end of their grace times. */
    public static void closeIdle() {
        PROCESS_WIDE.closeIdle();
    }

    /**
     * Leases the engine of one model of a job, and opens it if it is not open. Before it opens one, it closes the idle
     * engines that the job does not use.
     *
     * @param factory describes the engine
     * @param job the engines of all models of the job
     * @param devices the devices that this process may use, if the engine is opened
     * @throws Exception from the factory; no lease is kept, so the next call tries again
     */
    public static Lease acquire(EngineFactory factory, EngineSet job, DeviceSource devices) throws Exception {
        Set<String> kept = job.engines().stream().map(EngineFactory::id).collect(Collectors.toSet());
        Leases<String, Engine>.Lease lease = PROCESS_WIDE.acquire(factory.id(), kept, () -> factory.open(devices));
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
