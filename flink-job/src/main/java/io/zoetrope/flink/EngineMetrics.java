package io.zoetrope.flink;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.engine.EngineGauges;
import java.util.HashSet;
import java.util.Set;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Shows how the process's engine stands, to one subtask's group; for the task's thread alone.
 *
 * <p>User code gets no group of the process, so each subtask that shares the engine shows the same numbers under its own
 * name, and nothing clashes.
 */
final class EngineMetrics {
    private final EngineGauges engine;
    private final MetricGroup group;
    private final Set<String> shown = new HashSet<>();

    EngineMetrics(EngineGauges engine, MetricGroup group) {
        this.engine = engine;
        this.group = group;
        group.gauge("inFlight", (Gauge<Integer>) engine::inFlight);
        for (DeviceGauges lane : engine.lanes()) {
            MetricGroup device = of(lane);
            device.gauge("busyRatio", (Gauge<Double>) lane::busyRatio);
            device.gauge("busyMs", (Gauge<Long>) () -> lane.busy().toMillis());
            device.gauge("queueLength", (Gauge<Integer>) lane::queued);
            device.gauge("sessions", (Gauge<Integer>) lane::sessions);
            device.gauge("sessionBytes", (Gauge<Long>) lane::sessionBytes);
        }
        showNewChoices();
    }

    /** Batch sizes are measured when a bucket is first seen, so there may be more of them after any answer. */
    void showNewChoices() {
        for (DeviceGauges lane : engine.lanes()) {
            for (DeviceGauges.BatchChoice choice : lane.batchChoices()) {
                if (shown.add(lane.device() + "/" + choice.stage() + "/" + choice.bucket())) {
                    MetricGroup bucket =
                            of(lane).addGroup("stage", choice.stage()).addGroup("bucket", choice.bucket());
                    bucket.gauge("chosenBatchSize", (Gauge<Integer>) choice::size);
                    choice.times()
                            .forEach((size, time) -> bucket.addGroup("batch", "" + size)
                                    .gauge("measuredMs", (Gauge<Double>) () -> time.toNanos() / 1e6));
                }
            }
        }
    }

    private MetricGroup of(DeviceGauges lane) {
        return group.addGroup("device", lane.device());
    }
}
