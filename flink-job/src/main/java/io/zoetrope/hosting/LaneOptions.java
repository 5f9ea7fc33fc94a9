package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import io.zoetrope.device.GpuSettings;
import io.zoetrope.lane.RunLimits;
import java.io.Serializable;
import java.time.Duration;

/**
 * The options of a model's lanes on a device.
 *
 * @param cpuLanes the number of lanes, and so of parallel runs, on the CPU; 0 for as many as use all cores
 * @param threads the number of CPU threads that a run may use; 0 for one thread per core
 * @param batchMax the largest number of prompts in a batch, unless the model accepts fewer
 * @param batchLatency the longest duration of a run of more than one prompt
 * @param batchWait how long an idle device waits for a batch to fill
 * @param limits the longest durations of a run and of opening a stage
 * @param gpu how the runtime uses GPUs
 */
public record LaneOptions(
        int cpuLanes,
        int threads,
        int batchMax,
        Duration batchLatency,
        Duration batchWait,
        RunLimits limits,
        GpuSettings gpu)
        implements Serializable {
    /** Creates options with {@link GpuSettings#DEFAULT}. */
    public LaneOptions(
            int cpuLanes, int threads, int batchMax, Duration batchLatency, Duration batchWait, RunLimits limits) {
        this(cpuLanes, threads, batchMax, batchLatency, batchWait, limits, GpuSettings.DEFAULT);
    }

    /**
     * Returns the number of lanes of a device: one for a GPU.
     *
     * @param cores the number of cores of the machine
     */
    public int lanes(Device device, int cores) {
        return switch (device.kind()) {
            case CUDA -> 1;
            case CPU -> {
                if (cpuLanes > 0) {
                    yield cpuLanes;
                }
                yield threads == 0 ? 1 : Math.max(1, cores / threads);
            }
        };
    }

    /**
     * Returns the number of threads for a session that lanes share; 0 for one thread per core. A run uses its lane's
     * own thread and additional threads of the session, {@code threads - 1} per lane. While only one lane runs, it may
     * use the additional threads of all lanes. The thread that calls the session counts as one.
     */
    int sessionThreads(int lanes) {
        return threads == 0 ? 0 : lanes * (threads - 1) + 1;
    }

    /** Returns the options with the names and values that they have in the configuration. */
    @Override
    public String toString() {
        return "cpu-lanes " + cpuLanes + ", inference-threads " + threads + ", batch-max " + batchMax
                + ", batch-latency " + milliseconds(batchLatency) + ", batch-wait "
                + milliseconds(batchWait) + ", run-timeout " + milliseconds(limits.run()) + ", start-timeout "
                + milliseconds(limits.start()) + ", " + gpu;
    }

    private static String milliseconds(Duration duration) {
        return duration.toNanos() / 1e6 + " ms";
    }
}
