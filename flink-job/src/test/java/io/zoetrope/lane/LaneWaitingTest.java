package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class LaneWaitingTest {
    private final CountDownLatch device = new CountDownLatch(1);
    private final Admission admission = new Admission(16, InstantSource.system());

    @Test
    void waitingRequestsOfAllStagesAreCountedAndRunningOnesAreNot() throws Exception {
        try (Lane lane = Lane.start("test", LaneClock.system(), LaneObserver.all(), Watchdog.off())) {
            LanePort<String, String> text = lane.host(stage("text"));
            LanePort<String, String> decode = lane.host(stage("decode"));
            assertThat(lane.waiting()).isZero();

            var unused = text.submit("runs", admission.enter(0, Optional.empty()));
            await().until(() -> lane.waiting() == 0);
            unused = text.submit("waits", admission.enter(1, Optional.empty()));
            unused = decode.submit("waits too", admission.enter(2, Optional.empty()));
            assertThat(lane.waiting()).isEqualTo(2);

            device.countDown();
            await().until(() -> lane.waiting() == 0);
        }
    }

    /**
     * The order of submission is not read for batches of one. An earlier version therefore kept every request in it.
     */
    @Test
    void aCompletedRequestIsNotRetained() throws Exception {
        StageSpec<Object, String> spec = new StageSpec<>(
                "text", batch -> List.of("done"), request -> "", new BatchSizes.Fixed(1), Duration.ofMillis(1));
        try (Lane lane = Lane.start("test", LaneClock.system(), LaneObserver.all(), Watchdog.off())) {
            LanePort<Object, String> text = lane.host(spec);
            WeakReference<Object> request = served(text);
            await().until(() -> {
                System.gc();
                return request.get() == null;
            });
        }
    }

    @Test
    void aFaultOfTheLaneItselfEndsItAndCompletesEveryRequest() throws Exception {
        LaneObserver broken = new LaneObserver() {
            @Override
            public void ran(LaneRun run) {
                throw new IllegalStateException("planted");
            }
        };
        device.countDown();
        try (Lane lane = Lane.start("test", LaneClock.system(), broken, Watchdog.off())) {
            LanePort<String, String> text = lane.host(stage("text"));
            assertThat(text.submit("runs", admission.enter(0, Optional.empty())))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withMessageContaining("planted");
            await().dontCatchUncaughtExceptions() // the lane's thread ends with the fault, as intended
                    .until(() -> text.submit("late", admission.enter(1, Optional.empty()))
                            .toCompletableFuture()
                            .isCompletedExceptionally());
        }
    }

    private WeakReference<Object> served(LanePort<Object, String> port) throws InterruptedException {
        Object request = new Object();
        try (Ticket ticket = admission.enter(0, Optional.empty())) {
            port.submit(request, ticket).toCompletableFuture().join();
        }
        return new WeakReference<>(request);
    }

    private StageSpec<String, String> stage(String name) {
        Stage<String, String> stage = batch -> {
            device.await();
            return batch;
        };
        return new StageSpec<>(name, stage, request -> "", new BatchSizes.Fixed(1), Duration.ZERO);
    }
}
