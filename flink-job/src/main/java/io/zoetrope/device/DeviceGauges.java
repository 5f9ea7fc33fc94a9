package io.zoetrope.device;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The current state of one device. Metric reporters read it on threads of their own, at any time, so no method waits for the
 * device or takes a lock that is held during a run.
 */
public interface DeviceGauges {
    /** The device: {@code cpu}, {@code cuda:0}. */
    String device();

    /** How long it has run batches since it was opened, a batch in progress included up to now; never shrinks. */
    Duration busy();

    /** The share of the last 10 to 20 seconds that it ran batches, 0 to 1. */
    double busyRatio();

    /** Requests that wait for it, over all stages that are placed on it. */
    int queued();

    /** Model sessions open on it: 0 where it has no stage of ours. */
    int sessions();

    /** What they hold, in bytes. */
    long sessionBytes();

    /** The batch sizes in force, one a stage and bucket that was seen; grows as buckets are. */
    List<BatchChoice> batchChoices();

    /**
     * How many requests of a bucket the device takes at once.
     *
     * @param stage text, image, generate or decode
     * @param bucket what its requests have in common, as words fit for a metric's name: {@code 32}, {@code 32x1}
     * @param size the choice
     * @param times that a batch of each size took when they were measured
     */
    record BatchChoice(String stage, String bucket, int size, Map<Integer, Duration> times) {
        /** Copies the times. */
        public BatchChoice {
            times = Map.copyOf(times);
        }
    }
}
