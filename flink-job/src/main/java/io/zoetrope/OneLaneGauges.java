package io.zoetrope;

import io.zoetrope.flink.EngineGauges;
import io.zoetrope.flink.LaneGauges;
import io.zoetrope.lane.Admission;
import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneMeter;
import java.time.Duration;
import java.util.List;

/** Shows an engine that has all of a model's stages on the CPU. */
record OneLaneGauges(Admission admission, Lane lane, LaneMeter meter, long sessionBytes)
        implements EngineGauges, LaneGauges {
    @Override
    public int inFlight() {
        return admission.inFlight();
    }

    @Override
    public List<LaneGauges> lanes() {
        return List.of(this);
    }

    @Override
    public String device() {
        return "cpu";
    }

    @Override
    public Duration busy() {
        return meter.busy();
    }

    @Override
    public double busyRatio() {
        return meter.busyRatio();
    }

    @Override
    public int queued() {
        return lane.waiting();
    }

    /** Text encoder, generator, decoder. */
    @Override
    public int sessions() {
        return 3;
    }

    @Override
    public List<BatchChoice> batchChoices() {
        return List.of();
    }
}
