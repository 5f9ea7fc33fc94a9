package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import io.zoetrope.lane.LaneClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of a process, by model and device. All slots of all jobs share them, whatever codec or sink a job
 * has: so a model is never in a device's memory twice, as long as one class loader serves them all.
 */
public final class ModelLanes {
    /** Most bytes of the buffers that a device keeps for later use. Those in use are bounded by the requests in flight. */
    public static final long MOST_IDLE_BUFFER_BYTES = 256 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(ModelLanes.class);

    private static final ModelLanes PROCESS_WIDE =
            new ModelLanes(Runtime.getRuntime().availableProcessors());

    private final int cores;
    private final Leases<Key, DeviceLanes> leases = new Leases<>(DeviceLanes::close);

    /** Creates the lanes of a process that has the given number of cores; opens none yet. */
    public ModelLanes(int cores) {
        this.cores = cores;
    }

    /** Whose lanes they are. */
    record Key(String digest, Device device) {}

    /** The lanes of this process. */
    public static ModelLanes processWide() {
        return PROCESS_WIDE;
    }

    /**
     * A hold on a model's lanes on a device; started unless they run. Those that run stay as their first user wanted them.
     *
     * @throws Exception if it cannot be started
     */
    Leases<Key, DeviceLanes>.Lease acquire(Model model, Device device, LaneOptions options, LaneClock clock)
            throws Exception {
        Leases<Key, DeviceLanes>.Lease lease = leases.acquire(
                new Key(model.digest(), device),
                () -> new DeviceLanes(model, device, options.lanes(device, cores), options, clock));
        LaneOptions inForce = lease.value().options();
        if (!inForce.equals(options)) {
            LOG.warn(
                    "{} on {}: it runs for another job already and stays as that job wanted it ({}), not as this one"
                            + " does ({}); give both the same options, or run them in processes of their own",
                    model.name(),
                    device,
                    inForce,
                    options);
        }
        return lease;
    }
}
