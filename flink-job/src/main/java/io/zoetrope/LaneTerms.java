package io.zoetrope;

import io.zoetrope.config.DurationText;
import io.zoetrope.config.JobConfig;
import io.zoetrope.config.JobOptions;
import java.io.Serializable;
import java.time.Duration;

/**
 * How a model runs on a device.
 *
 * @param threads of the CPU that a run may use; 0 for one a core
 * @param batchMax most prompts in a batch, unless the model takes fewer
 * @param batchLatency longest run of a batch of more than one
 * @param batchWait how long an idle device waits for a batch to fill
 */
public record LaneTerms(int threads, int batchMax, Duration batchLatency, Duration batchWait) implements Serializable {
    static LaneTerms of(JobConfig config) {
        return new LaneTerms(
                config.get(JobOptions.INFERENCE_THREADS),
                config.get(JobOptions.BATCH_MAX),
                config.get(JobOptions.BATCH_LATENCY),
                config.get(JobOptions.BATCH_WAIT));
    }

    /** As the options are written. */
    @Override
    public String toString() {
        return "inference-threads " + threads + ", batch-max " + batchMax + ", batch-latency "
                + DurationText.format(batchLatency) + ", batch-wait " + DurationText.format(batchWait);
    }
}
