package io.zoetrope.lane;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs all stages that are placed on one device: on one thread, from one queue.
 *
 * <p>When the device is idle, the request with the earliest deadline runs next, whatever its stage is. Other requests
 * of its bucket share its batch, also in order of their deadlines, up to the batch size. A request without a deadline,
 * or with a far one, counts as due one minute after its {@linkplain Ticket#arrivedAt arrival}. So among those requests
 * the oldest runs first, and a request at a late stage runs before a newer one at an early stage. No request starves:
 * after one minute of waiting it runs before every request that arrives later. A batch does not wait until it is full,
 * unless its stage has a {@linkplain StageSpec#maxWait maxWait}; a full batch never waits.
 *
 * <p>The lane completes every request exactly once: on its thread with the stage's result, or with
 *
 * <ul>
 *   <li>the exception that the stage threw for this request alone: if a batch throws, or returns a wrong number of
 *       results, the lane runs it again in halves until the failing requests are isolated;
 *   <li>{@link HungRunException} if its run did not end and the {@link Watchdog} ended it, and then once more alone;
 *   <li>{@link LaneOutException} if the lane was taken out of use, because its runs hung again and again;
 *   <li>{@link java.util.concurrent.TimeoutException} if its deadline passed before its turn;
 *   <li>{@link CancellationException} if it was cancelled before its turn (completed by the cancelling thread);
 *   <li>{@link RejectedExecutionException} if the lane was closed before its turn (completed by the closing thread).
 * </ul>
 *
 * <p>Dependents of a completion run on the lane's thread unless they are {@code Async}. The device is idle while they
 * run.
 */
public final class Lane implements AutoCloseable {
    private final LaneQueue queue;
    private final LaneClock clock;
    private final Thread thread;
    /** Completed by the lane's thread when its loop has ended. */
    private final CompletableFuture<Void> ended;

    private Lane(LaneQueue queue, LaneClock clock, Thread thread, CompletableFuture<Void> ended) {
        this.queue = queue;
        this.clock = clock;
        this.thread = thread;
        this.ended = ended;
    }

    /**
     * Starts a lane and its thread.
     *
     * @param name the name of the lane; its thread is named {@code lane-} and this name
     * @param clock the clock for deadlines and durations
     * @param observer receives the lane's runs and measurements
     * @param watchdog ends runs that take too long; closed by the caller after the lane
     */
    public static Lane start(String name, LaneClock clock, LaneObserver observer, Watchdog watchdog) {
        LaneQueue queue = new LaneQueue(clock);
        LaneLoop loop = new LaneLoop(name, queue, clock, observer, watchdog);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        loop.run();
                    } finally {
                        ended.complete(null);
                    }
                },
                "lane-" + name);
        thread.setDaemon(true);
        thread.start();
        return new Lane(queue, clock, thread, ended);
    }

    /** Adds a stage to this lane; also possible while the lane runs. */
    public <I, O> LanePort<I, O> host(StageSpec<I, O> spec) {
        return new LanePort<>(spec, queue, clock);
    }

    /** Returns whether the lane is taken out of use and refuses all requests. */
    public boolean isOut() {
        return queue.refusal().filter(LaneOutException.class::isInstance).isPresent();
    }

    /** Returns the number of waiting requests, over all stages. */
    public int waiting() {
        return queue.waiting();
    }

    /**
     * Refuses new requests, fails waiting ones, and returns when the lane's loop has ended. The caller may free the
     * resources of the stages then. Waits without reacting to interrupts, because a native run cannot be abandoned:
     * freeing its session under it would crash the process. The caller's interrupt flag stays set.
     *
     * @throws IllegalStateException if called on the lane's own thread, which would wait for itself
     */
    @Override
    public void close() {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException(
                    thread.getName() + ": close was called on the lane's own thread; call it from another");
        }
        queue.close();
        ended.join();
    }
}
