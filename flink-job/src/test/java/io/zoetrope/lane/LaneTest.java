package io.zoetrope.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The lane with its thread. Latches say who waits for whom; nothing waits for time. */
@SuppressWarnings("FutureReturnValueIgnored") // the promises watch every answer
class LaneTest {
    private static final BatchPolicy<Request> POLICY = new BatchPolicy<>(4, Request::bucket);

    private final TestClock clock = new TestClock();
    private final LanePromises promises = new LanePromises(4);
    private final CountDownLatch deviceBusy = new CountDownLatch(1);
    private final CountDownLatch deviceMayEnd = new CountDownLatch(1);
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    /** Holds the first batch until the test lets it go. */
    private final Stage<Request, String> gated = batch -> {
        threads.add(Thread.currentThread());
        deviceBusy.countDown();
        deviceMayEnd.await();
        return batch.stream().map(Request::answer).toList();
    };

    private final Lane<Request, String> lane = Lane.start("test", 2, POLICY, promises.watch(gated), clock);

    @AfterEach
    void everyPromiseIsKept() {
        deviceMayEnd.countDown();
        lane.close();
        assertThat(promises.broken()).isEmpty();
    }

    @Test
    void oneNamedThreadRunsEverything() throws Exception {
        deviceMayEnd.countDown();
        for (int i = 0; i < 50; i++) {
            submit(i).get();
        }
        assertThat(threads).singleElement().extracting(Thread::getName).isEqualTo("lane-test");
    }

    @Test
    void fullQueueHoldsTheSubmitterBack() throws Exception {
        submit(1);
        deviceBusy.await();
        submit(2);
        submit(3);
        CompletableFuture<String> fourth = new CompletableFuture<>();
        Thread submitter = start(() -> submit(4).thenAccept(served -> fourth.complete(served.value())));
        await().until(() -> submitter.getState() == Thread.State.WAITING);

        deviceMayEnd.countDown();
        submitter.join();
        assertThat(fourth.get()).isEqualTo("answer to 4");
    }

    @Test
    void submitterThatIsInterruptedWhileItWaitsSubmitsNothing() throws Exception {
        submit(1);
        deviceBusy.await();
        submit(2);
        submit(3);
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Thread submitter = start(() -> {
            try {
                lane.submit(new Request(4, "a"), Optional.empty());
            } catch (InterruptedException e) {
                fault.set(e);
            }
        });
        await().until(() -> submitter.getState() == Thread.State.WAITING);

        submitter.interrupt();
        submitter.join();
        assertThat(fault.get()).isInstanceOf(InterruptedException.class);
        assertThat(lane.cancel(request -> request.id() == 4)).isZero();
    }

    @Test
    void cancelReachesWhatWaitsAndNotWhatRuns() throws Exception {
        var running = submit(1);
        deviceBusy.await();
        var waiting = submit(2);
        var other = submit(3);

        assertThat(lane.cancel(request -> request.id() <= 2)).isEqualTo(1);
        deviceMayEnd.countDown();
        assertThat(running.get().value()).isEqualTo("answer to 1");
        assertThat(other.get().value()).isEqualTo("answer to 3");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withCauseInstanceOf(CancellationException.class);
    }

    @Test
    void cancelThatThrowsLosesNothing() throws Exception {
        submit(1);
        deviceBusy.await();
        var second = submit(2);
        var third = submit(3);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> lane.cancel(request -> {
                    if (request.id() == 3) {
                        throw new IllegalArgumentException("planted");
                    }
                    return true;
                }));
        deviceMayEnd.countDown();
        assertThat(second.get().value()).isEqualTo("answer to 2");
        assertThat(third.get().value()).isEqualTo("answer to 3");
    }

    @Test
    void closeFinishesWhatRunsAndFailsWhatWaits() throws Exception {
        var running = submit(1);
        deviceBusy.await();
        var waiting = submit(2);
        submit(3);
        AtomicReference<Throwable> blocked = new AtomicReference<>();
        Thread submitter = start(() -> {
            try {
                lane.submit(new Request(4, "a"), Optional.empty());
            } catch (RejectedExecutionException | InterruptedException e) {
                blocked.set(e);
            }
        });
        await().until(() -> submitter.getState() == Thread.State.WAITING);
        Thread closer = start(lane::close);

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withCauseInstanceOf(RejectedExecutionException.class);
        submitter.join();
        assertThat(blocked.get()).isInstanceOf(RejectedExecutionException.class);
        assertThat(closer.isAlive()).isTrue(); // a batch is on the device
        assertThat(running).isNotDone();

        deviceMayEnd.countDown();
        closer.join();
        assertThat(running.get().value()).isEqualTo("answer to 1");
        assertThatExceptionOfType(RejectedExecutionException.class)
                .isThrownBy(() -> lane.submit(new Request(5, "a"), Optional.empty()))
                .withMessageContaining("closed");
        lane.close();
    }

    @Test
    void interruptedCloserStillWaitsForTheDevice() throws Exception {
        submit(1);
        deviceBusy.await();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread closer = start(() -> {
            lane.close();
            interrupted.set(Thread.currentThread().isInterrupted());
        });
        await().until(() -> closer.getState() == Thread.State.WAITING);
        closer.interrupt();
        await().until(() -> closer.getState() == Thread.State.WAITING);

        deviceMayEnd.countDown();
        closer.join();
        assertThat(interrupted.get()).isTrue();
    }

    @Test
    void laneDoesNotWaitForItself() throws Exception {
        var answer = submit(1);
        var closed = answer.thenRun(lane::close);
        deviceMayEnd.countDown();
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(closed::join)
                .havingCause()
                .isInstanceOf(IllegalStateException.class)
                .withMessageContaining("lane-test");
    }

    @Test
    void interruptsFromOutsideDoNotEndTheLane() throws Exception {
        deviceMayEnd.countDown();
        submit(1).get();
        Thread thread = threads.iterator().next();
        for (int i = 2; i < 100; i++) {
            thread.interrupt();
            // An interrupt in a stage's own wait fails that request; it never takes the thread.
            submit(i).handle((served, fault) -> "answered").get();
        }
        assertThat(thread.isAlive()).isTrue();
    }

    @Test
    void dependentThatThrowsHarmsNobodyElse() throws Exception {
        var first = submit(1);
        first.thenRun(() -> {
            throw new IllegalStateException("planted");
        });
        deviceMayEnd.countDown();
        assertThat(first.get().value()).isEqualTo("answer to 1");
        assertThat(submit(2).get().value()).isEqualTo("answer to 2");
    }

    @Test
    void onlyTheLaneCanAnswer() throws Exception {
        var stage = lane.submit(new Request(1, "a"), Optional.empty());
        stage.toCompletableFuture().complete(new Served<>("forged", Duration.ZERO, 1));
        deviceMayEnd.countDown();
        assertThat(stage.toCompletableFuture().get().value()).isEqualTo("answer to 1");
    }

    @Test
    void manySubmittersAreAllAnswered() {
        deviceMayEnd.countDown();
        List<CompletableFuture<Served<String>>> answers = IntStream.range(0, 8)
                .parallel()
                .boxed()
                .flatMap(thread -> IntStream.range(0, 1_000).mapToObj(i -> submit(thread * 1_000 + i)))
                .toList();
        Stream<Served<String>> served = answers.stream().map(CompletableFuture::join);
        assertThat(served).hasSize(8_000).allMatch(one -> one.batchSize() <= 4);
    }

    @Test
    void capacityAndBatchAreAtLeastOne() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Lane.start("none", 0, POLICY, gated, clock))
                .withMessageContaining("at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchPolicy<Request>(0, Request::bucket))
                .withMessageContaining("at least 1, got 0");
    }

    private CompletableFuture<Served<String>> submit(int id) {
        Request request = new Request(id, id % 7 == 0 ? "b" : "a");
        try {
            var answer = lane.submit(request, Optional.empty());
            promises.submitted(request, answer);
            return answer.toCompletableFuture();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this test", e);
        }
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "test-helper");
        thread.start();
        return thread;
    }
}
