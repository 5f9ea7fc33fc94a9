package io.zoetrope.engine;

import io.zoetrope.device.DeviceSource;
import io.zoetrope.hosting.FakeModel;
import io.zoetrope.hosting.LaneOptions;
import io.zoetrope.hosting.ModelLanes;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.prompt.ModelLimits;
import io.zoetrope.prompt.TestLimits;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A factory of real engines on a device that sleeps while it makes videos.
 *
 * @param id the id of the factory
 * @param video the time that the device needs for one video
 * @param lanes the number of videos that the device makes at a time
 */
public record SleepingEngines(String id, Duration video, int lanes) implements EngineFactory {
    private static final Map<String, Runs> RUNS = new ConcurrentHashMap<>();

    /** Returns how many videos the device has made for all engines of this factory, without those of their warm-up. */
    public int runs() {
        return counted().ended();
    }

    /** Waits until the device makes no video: a run that has started is not stopped with its job. */
    public void awaitIdle() throws InterruptedException {
        counted().awaitNoneRunning();
    }

    private Runs counted() {
        return RUNS.computeIfAbsent(id, key -> new Runs());
    }

    @Override
    public String digest() {
        return "00".repeat(32);
    }

    @Override
    public ModelLimits limits() {
        return TestLimits.of("fake", FakeModel.VIDEO);
    }

    /** Returns as many as a bundle of large batches would have; the engine measures that fewer are useful. */
    @Override
    public int inFlightPerSlot() {
        return 64;
    }

    @Override
    public Engine open(DeviceSource devices) throws Exception {
        FakeModel model = new FakeModel(id);
        AtomicBoolean warm = new AtomicBoolean();
        model.onRun((stage, batch) -> {
            if (stage.equals("generate")) {
                boolean counts = warm.get();
                counted().begin();
                long end = System.nanoTime() + video.toNanos();
                for (long left = video.toNanos(); left > 0; left = end - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                counted().end(counts);
            }
        });
        LaneOptions options = new LaneOptions(lanes, 0, 1, Duration.ofSeconds(2), Duration.ZERO, FakeModel.LIMITS);
        Engine engine = VideoEngine.open(
                model,
                EngineFixture::segment,
                new EngineOptions(EngineFixture.ON_CPU, options, inFlightPerSlot() * 2, 1),
                new ModelLanes(1, FakeModel.NO_END),
                LaneClock.system());
        warm.set(true);
        return engine;
    }

    /** The runs of the device. */
    private static final class Runs {
        private int running;
        private int ended;

        synchronized void begin() {
            running++;
        }

        synchronized void end(boolean counts) {
            running--;
            ended += counts ? 1 : 0;
            notifyAll();
        }

        synchronized int ended() {
            return ended;
        }

        synchronized void awaitNoneRunning() throws InterruptedException {
            while (running > 0) {
                wait();
            }
        }
    }
}
