package io.zoetrope.flink;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.device.RequestCost;
import io.zoetrope.engine.EngineGauges;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Registers the gauges of the process's engine in the metric group of one subtask. Used by the task's thread only.
 *
 * <p>Flink gives user code no metric group of the process. So each subtask that shares the engine registers the same
 * gauges in its own group, where their names cannot collide.
 */
final class EngineMetrics {
    private final EngineGauges engine;
    private final MetricGroup group;
    private final Set<String> registered = new HashSet<>();
    /** Read by metric reporters. */
    private volatile double secondsPerRequest;

    EngineMetrics(EngineGauges engine, MetricGroup group) {
        this.engine = engine;
        this.group = group;
        group.gauge("inFlight", (Gauge<Integer>) engine::inFlight);
        for (DeviceGauges device : engine.devices()) {
            MetricGroup metrics = of(device);
            metrics.gauge("busyRatio", (Gauge<Double>) device::busyRatio);
            metrics.gauge("busyMs", (Gauge<Long>) () -> device.busy().toMillis());
            metrics.gauge("queueLength", (Gauge<Integer>) device::queued);
            metrics.gauge("endedRuns", (Gauge<Long>) device::endedRuns);
            metrics.gauge("lanesOut", (Gauge<Integer>) device::lanesOut);
            metrics.gauge("sessions", (Gauge<Integer>) device::sessions);
            metrics.gauge("sessionBytes", (Gauge<Long>) device::sessionBytes);
        }
        group.gauge("deviceSecondsPerRequest", (Gauge<Double>) this::secondsPerRequest);
        registerNewBatchSizes();
    }

    /** Returns the device time of a usual request, in seconds; 0 while it is not measured. */
    double secondsPerRequest() {
        return secondsPerRequest;
    }

    /**
     * Registers the batch sizes that were measured since the last call. The engine measures a bucket when its first
     * request arrives, so there may be new ones after any answer.
     */
    void registerNewBatchSizes() {
        int before = registered.size();
        for (DeviceGauges device : engine.devices()) {
            for (DeviceGauges.BatchChoice choice : device.batchChoices()) {
                if (registered.add(device.device() + "/" + choice.stage() + "/" + choice.bucket())) {
                    MetricGroup bucket =
                            of(device).addGroup("stage", choice.stage()).addGroup("bucket", choice.bucket());
                    bucket.gauge("chosenBatchSize", (Gauge<Integer>) choice::size);
                    choice.times()
                            .forEach((size, time) -> bucket.addGroup("batch", "" + size)
                                    .gauge("measuredMs", (Gauge<Double>) () -> time.toNanos() / 1e6));
                }
            }
        }
        if (registered.size() > before) {
            secondsPerRequest =
                    RequestCost.of(engine.devices()).map(RequestCost::seconds).orElse(0.0);
        }
    }

    private MetricGroup of(DeviceGauges device) {
        return group.addGroup("device", device.device());
    }
}
