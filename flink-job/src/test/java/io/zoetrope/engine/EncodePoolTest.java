package io.zoetrope.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zoetrope.hosting.Gate;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EncodePoolTest {
    @Test
    void interruptedCloserStillWaitsForTheTasksAndKeepsItsInterrupt() throws Exception {
        EncodePool pool = new EncodePool(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        AtomicBoolean encoded = new AtomicBoolean();
        pool.execute(() -> Gate.await(mayEnd));
        pool.execute(() -> encoded.set(true));
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread closer = new Thread(
                () -> {
                    pool.close();
                    interrupted.set(Thread.currentThread().isInterrupted());
                },
                "test-closer");
        closer.start();
        await().until(() -> closer.getState() == Thread.State.WAITING);

        closer.interrupt();
        await().until(() -> closer.getState() == Thread.State.WAITING);
        mayEnd.countDown();
        closer.join();

        assertThat(encoded).isTrue();
        assertThat(interrupted).isTrue();
    }
}
