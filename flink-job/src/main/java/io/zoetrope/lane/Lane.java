package io.zoetrope.lane;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;

/**
 * One device, one bounded queue, one thread. Whatever waits when the device falls idle runs at once, in batches of one
 * bucket, oldest first; nobody waits for a batch to fill.
 *
 * <p>The lane completes every request exactly once, on the lane's thread: with the stage's answer, or with
 *
 * <ul>
 *   <li>what the stage threw for this request alone: a batch that throws, or answers with a wrong count, is run again
 *       one by one, so that only the guilty fail;
 *   <li>{@link java.util.concurrent.TimeoutException} if its deadline passed before its turn;
 *   <li>{@link CancellationException} if it was cancelled before its turn (completed by the cancelling thread);
 *   <li>{@link RejectedExecutionException} if the lane was closed before its turn (completed by the closing thread).
 * </ul>
 *
 * <p>Dependents of a completion run on the lane's thread unless they are {@code Async}: slow ones keep the device idle.
 */
public final class Lane<I, O> implements AutoCloseable {
    private final RequestQueue<I, O> queue;
    private final BatchPolicy<I> policy;
    private final InstantSource clock;
    private final Thread thread;

    private Lane(RequestQueue<I, O> queue, BatchPolicy<I> policy, InstantSource clock, Thread thread) {
        this.queue = queue;
        this.policy = policy;
        this.clock = clock;
        this.thread = thread;
    }

    /**
     * Starts a lane and its thread.
     *
     * @param name of the thread, after {@code lane-}
     * @param queueCapacity how many requests wait at most, at least 1
     * @param policy which requests share a batch
     * @param stage what runs on the device
     * @param clock for deadlines and waiting times
     * @throws IllegalArgumentException if the capacity is below 1
     */
    public static <I, O> Lane<I, O> start(
            String name, int queueCapacity, BatchPolicy<I> policy, Stage<I, O> stage, InstantSource clock) {
        RequestQueue<I, O> queue = new RequestQueue<>(queueCapacity);
        Thread thread = new Thread(new LaneLoop<>(queue, policy.maxBatch(), stage, clock), "lane-" + name);
        thread.setDaemon(true);
        thread.start();
        return new Lane<>(queue, policy, clock, thread);
    }

    /**
     * Queues a request; blocks while the queue is full.
     *
     * @param deadline after which it is not worth running
     * @throws InterruptedException if interrupted while blocked; the request is not queued
     * @throws RejectedExecutionException if the lane is closed
     */
    public CompletionStage<Served<O>> submit(I request, Optional<Instant> deadline) throws InterruptedException {
        Pending<I, O> pending = new Pending<>(request, policy.bucket().apply(request), deadline, clock.instant());
        queue.put(pending);
        return pending.answer();
    }

    /**
     * Cancels the requests that match and still wait; those on the device run to their end.
     *
     * @return how many were cancelled
     */
    public int cancel(Predicate<? super I> which) {
        var cancelled = queue.remove(pending -> which.test(pending.request()));
        cancelled.forEach(pending ->
                pending.fail(new CancellationException("the request was cancelled before the device took it")));
        return cancelled.size();
    }

    /**
     * Refuses what comes, fails what waits, and returns when the device is idle: what the stage uses may be freed then.
     *
     * @throws IllegalStateException if called on the lane's own thread, which would wait for itself
     */
    @Override
    public void close() {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException(
                    thread.getName() + ": close was called on the lane's own thread; call it from another");
        }
        queue.close().forEach(pending -> pending.fail(queue.closed()));
        joinUninterruptibly();
    }

    /** A native run cannot be abandoned: freeing its session under it would take the process down. */
    private void joinUninterruptibly() {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
