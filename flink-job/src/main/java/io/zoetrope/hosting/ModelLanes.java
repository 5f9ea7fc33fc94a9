package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import io.zoetrope.lane.BatchTables;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.ProcessEnd;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of a process, by model and device. All slots of all jobs in the process share them, even if the jobs differ
 * in codec or sink, so that a device's memory never holds a model twice. This requires that one class loader serves all
 * jobs.
 */
public final class ModelLanes {
    /**
     * The maximum size of the idle buffers that a device keeps for reuse, in bytes. Buffers in use are not counted
     * here; the number of requests in flight bounds them.
     */
    public static final long MOST_IDLE_BUFFER_BYTES = 256 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ModelLanes.class);

    private static final ModelLanes PROCESS_WIDE =
            new ModelLanes(Runtime.getRuntime().availableProcessors(), ModelLanes::halt);

    /** The exit code of a process that ends because a native call did not return. */
    private static final int HUNG = 70;

    private final int cores;
    private final ProcessEnd processEnd;
    private final Leases<Key, DeviceLanes> leases = new Leases<>(DeviceLanes::close, DeviceLanes::isUsable);
    /** The measured batch sizes, which outlive the lanes. */
    private final Map<Measured, BatchTables> tables = new ConcurrentHashMap<>();

    /**
     * Creates the lanes of a process; opens none yet.
     *
     * @param cores the number of cores of the process
     * @param processEnd ends the process when a native call does not return
     */
    public ModelLanes(int cores, ProcessEnd processEnd) {
        this.cores = cores;
        this.processEnd = processEnd;
    }

    /** Ends this process without shutdown hooks: they would wait for the call, or free what it uses. */
    private static void halt(String reason) {
        LOG.error(reason);
        System.err.println(reason);
        Runtime.getRuntime().halt(HUNG);
    }

    /** Returns what ends the process when a native call does not return. */
    public ProcessEnd processEnd() {
        return processEnd;
    }

    /** Identifies the lanes of a model on a device. */
    record Key(String digest, Device device) {}

    /** Identifies what a measurement depends on. */
    private record Measured(String digest, Device device, LaneOptions options) {}

    /** Returns the lanes that all jobs of this process share. */
    public static ModelLanes processWide() {
        return PROCESS_WIDE;
    }

    /**
     * Leases a model's lanes on a device, and starts them if no other engine holds them. Running lanes keep the options
     * that they were started with; a difference is logged.
     *
     * @throws Exception if the lanes cannot be started
     */
    Leases<Key, DeviceLanes>.Lease acquire(Model model, Device device, LaneOptions options, LaneClock clock)
            throws Exception {
        Leases<Key, DeviceLanes>.Lease lease = leases.acquire(
                new Key(model.digest(), device),
                () -> new DeviceLanes(
                        model,
                        device,
                        options.lanes(device, cores),
                        options,
                        tables(model, device, options),
                        clock,
                        processEnd));
        LaneOptions inForce = lease.value().options();
        if (!inForce.equals(options)) {
            LOG.warn(
                    "model {} on {} already runs for another job and keeps that job's options ({}); the options of this"
                            + " job ({}) have no effect; give both jobs the same options, or run them in separate"
                            + " processes",
                    model.name(),
                    device,
                    inForce,
                    options);
        }
        return lease;
    }

    private BatchTables tables(Model model, Device device, LaneOptions options) {
        return tables.computeIfAbsent(new Measured(model.digest(), device, options), key -> new BatchTables());
    }
}
