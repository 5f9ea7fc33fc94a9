package io.zoetrope;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.flink.Engine;
import io.zoetrope.flink.EngineFactory;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.prompt.ModelTerms;
import java.nio.ByteBuffer;
import java.util.Set;

/**
 * Real engines over the one {@link FakeModel} of the process.
 *
 * @param id of this factory
 * @param inFlightPerSlot of the job
 * @param videoBytes of each answer
 */
record FakeModelEngines(String id, int inFlightPerSlot, int videoBytes) implements EngineFactory {
    static final FakeModel MODEL = new FakeModel("fake of the process");
    static final ModelLanes LANES = new ModelLanes(1);

    @Override
    public ModelTerms terms() {
        return new ModelTerms(MODEL.name(), Set.of(1, 2), 2, 2, 1, false);
    }

    @Override
    public Engine open(DeviceSource devices) throws Exception {
        return VideoEngine.open(
                MODEL,
                (frames, rate, position) -> new Segment(
                        SegmentPosition.WHOLE,
                        "video/mp4",
                        frames.width(),
                        frames.height(),
                        rate,
                        frames.count(),
                        ByteBuffer.allocate(videoBytes),
                        1),
                new EngineTerms(EngineFixture.ON_CPU, EngineFixture.LANE, inFlightPerSlot, 1),
                LANES,
                LaneClock.system());
    }
}
