package io.zoetrope;

import io.zoetrope.device.Device;
import io.zoetrope.device.Leases;
import io.zoetrope.lane.LaneClock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lanes of a process, one for each model and device. All slots of all jobs share them, whatever codec or sink a job
 * has: so a model is never in a device's memory twice, as long as one class loader serves them all.
 */
public final class ModelLanes {
    private static final Logger LOG = LoggerFactory.getLogger(ModelLanes.class);

    private static final ModelLanes OF_PROCESS = new ModelLanes();

    private final Leases<Key, ModelLane> leases = new Leases<>(ModelLane::close);

    /** What tells lanes apart. */
    record Key(String digest, Device device) {}

    /** The lanes of this process. */
    public static ModelLanes ofProcess() {
        return OF_PROCESS;
    }

    /**
     * A hold on a model's lane on a device; started unless it runs. One that runs stays as its first user wanted it.
     *
     * @throws Exception if it cannot be started
     */
    Leases<Key, ModelLane>.Lease acquire(Model model, Device device, LaneTerms terms, LaneClock clock)
            throws Exception {
        Leases<Key, ModelLane>.Lease lease =
                leases.acquire(new Key(model.digest(), device), () -> new ModelLane(model, device, terms, clock));
        LaneTerms inForce = lease.value().terms();
        if (!inForce.equals(terms)) {
            LOG.warn(
                    "{} on {}: it runs for another job already and stays as that job wanted it ({}), not as this one"
                            + " does ({}); give both the same options, or run them in processes of their own",
                    model.name(),
                    device,
                    inForce,
                    terms);
        }
        return lease;
    }

    /** How many lanes there are. */
    public int size() {
        return leases.size();
    }
}
