package io.zoetrope.flink;

import io.zoetrope.device.DeviceGauges;
import io.zoetrope.engine.EngineGauges;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The gauges of an engine with one device. All values are constant, except the batch sizes that a test adds. */
public final class FakeGauges implements EngineGauges, DeviceGauges {
    final List<BatchChoice> choices = new CopyOnWriteArrayList<>();

    @Override
    public int inFlight() {
        return 5;
    }

    @Override
    public List<DeviceGauges> devices() {
        return List.of(this);
    }

    @Override
    public String device() {
        return "cuda:0";
    }

    @Override
    public Duration busy() {
        return Duration.ofSeconds(30);
    }

    @Override
    public double busyRatio() {
        return 0.75;
    }

    @Override
    public int queued() {
        return 4;
    }

    @Override
    public long endedRuns() {
        return 2;
    }

    @Override
    public int laneCount() {
        return 2;
    }

    @Override
    public int lanesOut() {
        return 1;
    }

    @Override
    public int sessions() {
        return 3;
    }

    @Override
    public long sessionBytes() {
        return 1L << 33;
    }

    @Override
    public List<BatchChoice> batchChoices() {
        return choices;
    }
}
