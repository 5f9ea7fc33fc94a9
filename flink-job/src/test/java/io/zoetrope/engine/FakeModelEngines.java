package io.zoetrope.engine;

import io.zoetrope.decode.Frames;
import io.zoetrope.device.DeviceSource;
import io.zoetrope.encode.FrameRate;
import io.zoetrope.encode.Segment;
import io.zoetrope.encode.SegmentPosition;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.Gate;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.TestLimits;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/**
 * A factory of real engines that all use one {@link FakeModel}.
 *
 * @param id the id of the factory
 * @param inFlightPerSlot the number of requests in flight per slot
 * @param videoBytes the size of each video
 */
public record FakeModelEngines(String id, int inFlightPerSlot, int videoBytes) implements EngineFactory {
    public static final FakeModel MODEL = new FakeModel("fake of the process");
    /** Blocks the encoders until it is counted down. */
    public static final CountDownLatch MAY_ENCODE = new CountDownLatch(1);

    public static final ModelLanes LANES = new ModelLanes(1, FakeModel.NO_END);

    @Override
    public String digest() {
        return "00".repeat(32);
    }

    @Override
    public ModelLimits limits() {
        return TestLimits.of(MODEL.name(), FakeModel.VIDEO);
    }

    @Override
    public Engine open(DeviceSource devices) throws Exception {
        return VideoEngine.open(
                MODEL,
                this::encode,
                new EngineOptions(EngineFixture.ON_CPU, EngineFixture.LANE, inFlightPerSlot, 1),
                LANES,
                LaneClock.system());
    }

    private Segment encode(Frames frames, FrameRate rate, SegmentPosition position) {
        Gate.await(MAY_ENCODE);
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
