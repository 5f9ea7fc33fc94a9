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

/** Tests a lane with its thread. Latches order the threads; no test depends on elapsed time. */
@SuppressWarnings("FutureReturnValueIgnored") // LanePromises checks every answer
class LaneTest {
    private final TestClock clock = new TestClock();
    private final LanePromises promises = new LanePromises();
    private final CountDownLatch deviceBusy = new CountDownLatch(1);
    private final CountDownLatch deviceMayEnd = new CountDownLatch(1);
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    /** Blocks the first batch until the test counts the latch down. */
    private final Stage<Request, String> gated = batch -> {
        threads.add(Thread.currentThread());
        deviceBusy.countDown();
        deviceMayEnd.await();
        return batch.stream().map(Request::answer).toList();
    };

    private final Lane lane = Lane.start("test", clock, LaneObserver.all(), Watchdog.off());
    private final LanePort<Request, String> port = lane.host(
            promises.watch(new StageSpec<>("stage", gated, Request::bucket, new BatchSizes.Fixed(4), Duration.ZERO)));

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
    void cancelEndsWaitingRequestsAndNotRunningOnes() throws Exception {
        Ticket onTheDevice = ticket(1);
        Ticket inTheQueue = ticket(2);
        var running = submit(1, onTheDevice);
        deviceBusy.await();
        var waiting = submit(2, inTheQueue);
        var other = submit(3);

        onTheDevice.cancel();
        inTheQueue.cancel();
        deviceMayEnd.countDown();
        assertThat(running.get().value()).isEqualTo("stage's answer to 1");
        assertThat(other.get().value()).isEqualTo("stage's answer to 3");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withCauseInstanceOf(CancellationException.class);
    }

    @Test
    void closeFinishesTheRunAndFailsWaitingRequests() throws Exception {
        var running = submit(1);
        deviceBusy.await();
        var waiting = submit(2);
        submit(3);
        Thread closer = start(lane::close);

        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(waiting::join)
                .withCauseInstanceOf(RejectedExecutionException.class);
        assertThat(closer.isAlive()).isTrue(); // a batch is on the device
        assertThat(running).isNotDone();

        deviceMayEnd.countDown();
        closer.join();
        assertThat(running.get().value()).isEqualTo("stage's answer to 1");
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(submit(5)::join)
                .withCauseInstanceOf(RejectedExecutionException.class)
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
    void interruptsDoNotEndTheLane() throws Exception {
        deviceMayEnd.countDown();
        submit(1).get();
        Thread thread = threads.iterator().next();
        for (int i = 2; i < 100; i++) {
            thread.interrupt();
            // An interrupt while a stage waits fails that request, but must not end the thread.
            submit(i).handle((served, fault) -> "answered").get();
        }
        assertThat(thread.isAlive()).isTrue();
    }

    @Test
    void dependentThatThrowsAffectsNoOtherRequest() throws Exception {
        var first = submit(1);
        first.thenRun(() -> {
            throw new IllegalStateException("planted");
        });
        deviceMayEnd.countDown();
        assertThat(first.get().value()).isEqualTo("stage's answer to 1");
        assertThat(submit(2).get().value()).isEqualTo("stage's answer to 2");
    }

    @Test
    void onlyTheLaneCanAnswer() throws Exception {
        var stage = port.submit(new Request(1, "a"), ticket(1));
        stage.toCompletableFuture().complete(new Served<>("forged", Duration.ZERO, Duration.ZERO, 1));
        deviceMayEnd.countDown();
        assertThat(stage.toCompletableFuture().get().value()).isEqualTo("stage's answer to 1");
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
    void laneWakesWhenMaxWaitIsOver() throws Exception {
        deviceMayEnd.countDown();
        LanePort<Request, String> waiting = lane.host(promises.watch(
                new StageSpec<>("waiting", gated, Request::bucket, new BatchSizes.Fixed(4), Duration.ofSeconds(1))));
        Request request = new Request(1, "waiting", "a");
        var answer = waiting.submit(request, ticket(1));
        promises.submitted(request, answer);
        clock.advance(Duration.ofSeconds(1));
        assertThat(answer.toCompletableFuture().get().queued()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void stagesThatWaitShareTheThread() throws Exception {
        deviceMayEnd.countDown();
        LanePort<Request, String> other = lane.host(promises.watch(
                new StageSpec<>("other", gated, Request::bucket, new BatchSizes.Fixed(1), Duration.ZERO)));
        Request second = new Request(1, "other", "a");
        var answer = submit(1).thenCompose(served -> {
            var next = other.submit(second, ticket(1));
            promises.submitted(second, next);
            return next;
        });
        assertThat(answer.get().value()).isEqualTo("other's answer to 1");
        assertThat(threads).hasSize(1);
    }

    @Test
    void batchSizesAreAtLeastOneAndWaitsNotNegative() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchSizes.Fixed(0))
                .withMessageContaining("at least 1, got 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BatchSizes.Measured(1, Duration.ZERO))
                .withMessageContaining("more than zero");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StageSpec<>(
                        "stage", gated, Request::bucket, new BatchSizes.Fixed(1), Duration.ofSeconds(-1)))
                .withMessageContaining("zero or more");
    }

    private CompletableFuture<Served<String>> submit(int id) {
        return submit(id, ticket(id));
    }

    private CompletableFuture<Served<String>> submit(int id, Ticket ticket) {
        Request request = new Request(id, id % 7 == 0 ? "b" : "a");
        var answer = port.submit(request, ticket);
        promises.submitted(request, answer);
        return answer.toCompletableFuture();
    }

    private Ticket ticket(int id) {
        return new Ticket(id, clock.instant(), Optional.empty(), () -> {});
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "test-helper");
        thread.start();
        return thread;
    }
}
