package io.zoetrope.device;

import java.time.Duration;
import java.util.List;

/**
 * A device without load that has measured the given batches.
 *
 * @param laneCount the number of its lanes
 */
public record FixedDevice(String device, int laneCount, List<BatchChoice> batchChoices) implements DeviceGauges {
    /** Creates a device that has measured the given batches. */
    public FixedDevice(String device, int laneCount, BatchChoice... choices) {
        this(device, laneCount, List.of(choices));
    }

    @Override
    public Duration busy() {
        return Duration.ZERO;
    }

    @Override
    public double busyRatio() {
        return 0;
    }

    @Override
    public int queued() {
        return 0;
    }

    @Override
    public long endedRuns() {
        return 0;
    }

    @Override
    public int lanesOut() {
        return 0;
    }

    @Override
    public int sessions() {
        return 0;
    }

    @Override
    public long sessionBytes() {
        return 0;
    }
}
