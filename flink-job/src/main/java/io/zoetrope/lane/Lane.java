package io.zoetrope.lane;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

/**
 * One device: one thread, every stage that is placed on it, one queue.
 *
 * <p>When the device falls idle, the request with the earliest deadline goes next, whatever its stage, and those of its
 * bucket that fit share its batch, also by deadline. Who has none, or one that is far, counts as due one minute after its
 * {@linkplain Ticket#arrivedAt arrival}. So among those the oldest goes first, and one that is half done before one that
 * is new; and nobody starves, for who has waited that long goes before all who come later. Nobody waits for a batch to
 * fill, unless its stage has a {@linkplain StageSpec#maxWait maxWait}, and a full batch not even then.
 *
 * <p>The lane completes every request exactly once: on its thread with the stage's answer, or with
 *
 * <ul>
 *   <li>what the stage threw for this request alone: a batch that throws, or answers with a wrong count, is run again in
 *       halves, so that only the guilty fail;
 *   <li>{@link java.util.concurrent.TimeoutException} if its deadline passed before its turn;
 *   <li>{@link CancellationException} if it was cancelled before its turn (completed by the cancelling thread);
 *   <li>{@link RejectedExecutionException} if the lane was closed before its turn (completed by the closing thread).
 * </ul>
 *
 * <p>Dependents of a completion run on the lane's thread unless they are {@code Async}: slow ones keep the device idle.
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
     * @param name of the device; that of the thread, after {@code lane-}
     * @param clock for deadlines and durations
     * @param observer is told what the lane does
     */
    public static Lane start(String name, LaneClock clock, LaneObserver observer) {
        LaneQueue queue = new LaneQueue(clock);
        LaneLoop loop = new LaneLoop(name, queue, clock, observer);
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

    /** Places a stage on this device; also while it runs. */
    public <I, O> LanePort<I, O> host(StageSpec<I, O> spec) {
        return new LanePort<>(spec, queue, clock);
    }

    /** How many requests wait for the device, over all stages. */
    public int waiting() {
        return queue.waiting();
    }

    /**
     * Refuses new requests, fails waiting ones, and returns when the lane's loop has ended: what the stages use may be freed
     * then. Waits without reacting to interrupts, because a native run cannot be abandoned: freeing its session under it
     * would crash the process. The caller's interrupt flag stays set.
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
