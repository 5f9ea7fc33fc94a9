package io.zoetrope;

import io.zoetrope.decode.Frames;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.flink.Engine;
import io.zoetrope.flink.EngineFactory;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.prompt.ModelTerms;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/**
 * Real engines over the one {@link FakeModel} of the process.
 *
 * @param id of this factory
 * @param inFlightPerSlot of the job
 * @param videoBytes of each answer
 */
record FakeModelEngines(String id, int inFlightPerSlot, int videoBytes) implements EngineFactory {
    static final FakeModel MODEL = new FakeModel("fake of the process");
    /** Holds the encoders until it is counted down. */
    static final CountDownLatch MAY_ENCODE = new CountDownLatch(1);

    static final ModelLanes LANES = new ModelLanes(1);

    @Override
    public ModelTerms terms() {
        return new ModelTerms(MODEL.name(), Set.of(1, 2), 2, 2, 1, false);
    }

    @Override
    public Engine open(DeviceSource devices) throws Exception {
        return VideoEngine.open(
                MODEL,
                this::encode,
                new EngineTerms(EngineFixture.ON_CPU, EngineFixture.LANE, inFlightPerSlot, 1),
                LANES,
                LaneClock.system());
    }

    private Segment encode(Frames frames, FrameRate rate, SegmentPosition position) {
        EngineFixture.await(MAY_ENCODE);
        return new Segment(
                position,
                "video/mp4",
                frames.width(),
                frames.height(),
                rate,
                frames.count(),
                ByteBuffer.allocate(videoBytes),
                1);
    }
}
