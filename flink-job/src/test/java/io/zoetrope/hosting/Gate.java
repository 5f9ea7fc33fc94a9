package io.zoetrope.hosting;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Blocks the runs of one stage until a test opens the gate. */
public final class Gate implements FakeModel.OnRun {
    private final String stage;
    private final CountDownLatch open = new CountDownLatch(1);
    private final CountDownLatch arrival = new CountDownLatch(1);

    /** Creates a closed gate. */
    public Gate(String stage) {
        this.stage = stage;
    }

    @Override
    public void run(String running, int batch) {
        if (running.equals(stage)) {
            arrival.countDown();
            await(open);
        }
    }

    /** Returns when a run is blocked here. */
    public void awaitArrival() {
        await(arrival);
    }

    public void open() {
        open.countDown();
    }

    /** Waits for a latch for at most 10 s, so that a test does not hang on a latch that another failure left closed. */
    public static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("the latch was not counted down within 10 s");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
