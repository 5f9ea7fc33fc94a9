package io.zoetrope.hosting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.lane.Lane;
import io.zoetrope.lane.LaneClock;
import io.zoetrope.lane.LaneObserver;
import io.zoetrope.lane.Watchdog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests how a hosted stage replaces its session after a hung run. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostedStageTest {
    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger sessions = new AtomicInteger();
    private final CountDownLatch mayClose = new CountDownLatch(1);
    private final Lane lane = Lane.start("hosted-stage", LaneClock.system(), LaneObserver.all(), Watchdog.off());

    private HostedStage<Integer, Integer> open(boolean shared) {
        HostedStage<Integer, Integer> stage = new HostedStage<>("text", shared, model -> session());
        stage.open(DeviceLanes.tasks(List.of(lane)), new FakeModel("d1"))
                .toCompletableFuture()
                .join();
        return stage;
    }

    /** Opens a session that answers with its number. The first one is slow to close. */
    private HostedStage.Opened<Integer, Integer> session() {
        int number = sessions.incrementAndGet();
        events.add("opened " + number);
        return new HostedStage.Opened<>(batch -> List.of(number), runner -> {}, 1, () -> {
            if (number == 1) {
                Gate.await(mayClose);
            }
            events.add("closed " + number);
        });
    }

    @AfterEach
    void end() {
        mayClose.countDown();
        lane.close();
    }

    @Test
    void aSlowCloseOfASharedSessionDelaysNoLane() {
        HostedStage<Integer, Integer> stage = open(true);

        stage.discard();
        stage.renew();

        assertThat(stage.run(List.of(0))).containsExactly(2);
        assertThat(events).containsExactly("opened 1", "opened 2");
        CompletableFuture<Void> closing = CompletableFuture.runAsync(stage::close);
        await().until(() -> events.contains("closed 2"));
        assertThat(closing).as("close, while a replaced session is not freed").isNotDone();
        mayClose.countDown();
        closing.join();
        assertThat(events).containsExactly("opened 1", "opened 2", "closed 2", "closed 1");
    }

    @Test
    void theSessionOfASingleLaneIsFreedBeforeTheNewOneOpens() {
        mayClose.countDown();
        HostedStage<Integer, Integer> stage = open(false);

        stage.discard();
        stage.renew();

        assertThat(stage.run(List.of(0))).containsExactly(2);
        stage.close();
        assertThat(events).containsExactly("opened 1", "closed 1", "opened 2", "closed 2");
    }
}
