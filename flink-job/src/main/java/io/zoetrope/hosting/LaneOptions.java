package io.zoetrope.hosting;

import io.zoetrope.device.Device;
import java.io.Serializable;
import java.time.Duration;

/**
 * How a model runs on a device.
 *
 * @param cpuLanes runs side by side on the CPU; 0 for as many as fill its cores
 * @param threads of the CPU that a run may use; 0 for one a core
 * @param batchMax most prompts in a batch, unless the model takes fewer
 * @param batchLatency longest run of a batch of more than one
 * @param batchWait how long an idle device waits for a batch to fill
 */
public record LaneOptions(int cpuLanes, int threads, int batchMax, Duration batchLatency, Duration batchWait)
        implements Serializable {
    /**
     * How many lanes a device has.
     *
     * @param cores of the machine
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
     * Threads for a session that so many lanes share. Each run has its lane's own thread, and what more it uses comes from
     * the session: enough that all lanes together have theirs, from which a run that is alone takes more.
     */
    int sessionThreads(int lanes) {
        return threads == 0 ? 0 : lanes * (threads - 1) + 1;
    }

    /** As the options are written. */
    @Override
    public String toString() {
        return "cpu-lanes " + cpuLanes + ", inference-threads " + threads + ", batch-max " + batchMax
                + ", batch-latency " + milliseconds(batchLatency) + ", batch-wait "
                + milliseconds(batchWait);
    }

    private static String milliseconds(Duration duration) {
        return duration.toNanos() / 1e6 + " ms";
    }
}
