package io.zoetrope.device;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The current state of one device. Metric reporters read it on their own threads at any time, so no method waits for
 * the device or takes a lock that is held during a run.
 */
public interface DeviceGauges {
    /** Returns the device, for example {@code cpu} or {@code cuda:0}. */
    String device();

    /**
     * Returns how long the device has run batches since it was opened, up to now, a batch in progress included. Never
     * decreases.
     */
    Duration busy();

    /** Returns the share of the last 10 to 20 seconds that the device ran batches, 0 to 1. */
    double busyRatio();

    /** Returns the number of requests that wait for the device, over all stages placed on it. */
    int queued();

    /** Returns the number of runs that the watchdog ended because they took too long. Never decreases. */
    long endedRuns();

    /** Returns the number of the device's lanes, which run batches in parallel: several on a CPU, one on a GPU. */
    int laneCount();

    /** Returns the number of the device's lanes that were taken out of use after hung runs. */
    int lanesOut();

    /** Returns the number of model sessions that are open on the device. */
    int sessions();

    /** Returns the size in bytes of the files that the open sessions were loaded from. */
    long sessionBytes();

    /** Returns the batch sizes in use, one entry per stage and bucket that received a request. */
    List<BatchChoice> batchChoices();

    /**
     * The largest batch of a bucket on the device.
     *
     * @param stage the name of the stage: text, image, generate or decode
     * @param bucket the batching key as text that fits in a metric's name: {@code 32}, {@code 32x1}
     * @param size the chosen batch size
     * @param times the measured duration of a batch per size
     */
    record BatchChoice(String stage, String bucket, int size, Map<Integer, Duration> times) {
        /** Copies the times. */
        public BatchChoice {
            times = Map.copyOf(times);
        }

        /** Returns the time of a request in a batch of the chosen size, in nanoseconds: its part of the batch. */
        public double nanosPerRequest() {
            return (double) Objects.requireNonNull(times.get(size)).toNanos() / size;
        }
    }
}
