package io.zoetrope.engine;

import io.zoetrope.device.Device;
import io.zoetrope.device.DeviceGauges;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.Placement;
import java.util.List;
import java.util.OptionalInt;

/**
 * The options of an engine.
 *
 * @param placement the devices of each stage
 * @param lane the options of the lanes on each device
 * @param inFlight the maximum number of requests that are accepted and not yet answered
 * @param encodeThreads the number of threads that encode videos in parallel
 */
public record EngineOptions(Placement placement, LaneOptions lane, int inFlight, int encodeThreads) {
    private static final int RUNNING_AND_NEXT = 2;

    /**
     * Returns the number of requests in flight that keeps every device and encoder busy: for each device the batch that
     * runs and the next one, for each encoder a video in progress and the next one. Batches count with their measured
     * sizes, so where a video takes seconds, few requests are in flight.
     *
     * @param devices the gauges of the devices
     */
    int usefulInFlight(List<DeviceGauges> devices) {
        int batches = 0;
        for (DeviceGauges device : devices) {
            OptionalInt largest = device.batchChoices().stream()
                    .mapToInt(DeviceGauges.BatchChoice::size)
                    .max();
            if (largest.isEmpty()) {
                return inFlight; // not measured yet
            }
            batches += largest.getAsInt();
        }
        int cpuLanes = placement.devices().contains(Device.CPU)
                ? lane.lanes(Device.CPU, Runtime.getRuntime().availableProcessors())
                : 0;
        return Math.min(inFlight, RUNNING_AND_NEXT * (Math.max(batches, cpuLanes) + encodeThreads));
    }
}
