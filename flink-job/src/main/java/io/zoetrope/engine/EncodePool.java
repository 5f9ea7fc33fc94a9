package io.zoetrope.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read first frames and encode videos. A lane's thread submits a task here and neither waits nor
 * encodes, so that its device stays busy. The queue itself has no bound: each task belongs to a request in flight,
 * and their number is bounded.
 */
final class EncodePool implements Executor, AutoCloseable {
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();
    private final ThreadPoolExecutor threads;

    EncodePool(int count) {
        AtomicInteger number = new AtomicInteger();
        threads =
                new ThreadPoolExecutor(count, count, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "encode-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                }) {
                    @Override
                    protected void terminated() {
                        terminated.complete(null);
                    }
                };
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** Returns when all submitted tasks have ended. Waits without reacting to interrupts. */
    @Override
    public void close() {
        threads.shutdown();
        terminated.join();
    }
}
