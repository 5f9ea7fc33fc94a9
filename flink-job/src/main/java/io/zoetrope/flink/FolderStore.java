package io.zoetrope.flink;

import io.zoetrope.publish.StoredPayload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one slot that write payloads, each within a time limit, so that no thread of the task and none of the
 * engine waits for a store. The queue has no bound: each payload belongs to a request in flight, and their number is
 * bounded.
 */
final class FolderStore implements PayloadStore {
    private static final Logger LOG = LoggerFactory.getLogger(FolderStore.class);

    private static final int THREADS = 4;

    private final PayloadFolder folder;
    private final Duration timeout;
    private final ThreadPoolExecutor threads;

    /** A write to the store. It should fail soon after an interrupt of its thread. */
    interface Write {
        void run() throws IOException;
    }

    /**
     * Creates a store; its threads start when there is something to write.
     *
     * @param timeout the longest time of one write
     */
    FolderStore(PayloadFolder folder, Duration timeout) {
        this.folder = folder;
        this.timeout = timeout;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(THREADS, THREADS, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "payload-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Returns the store of a folder, after it has written a small file there.
     *
     * @param timeout the longest time of one write
     * @throws IllegalStateException if the folder cannot be written to now
     */
    static FolderStore open(PayloadFolder folder, Duration timeout) throws InterruptedException {
        FolderStore store = new FolderStore(folder, timeout);
        try {
            var unused =
                    store.write("a probe in " + folder.path(), folder::probe).get();
            return store;
        } catch (ExecutionException e) {
            store.close();
            throw e.getCause() instanceof IllegalStateException fault ? fault : new IllegalStateException(e);
        } catch (InterruptedException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public StoredPayload locate(ByteBuffer payload) {
        return folder.locate(payload);
    }

    @Override
    public CompletableFuture<Duration> put(StoredPayload stored, ByteBuffer payload) {
        return write("the payload " + stored.uri(), () -> folder.write(stored, payload));
    }

    /** Runs a write on a thread of the store; see {@link #put}. {@code what} is for the message of a failure. */
    CompletableFuture<Duration> write(String what, Write write) {
        CompletableFuture<Duration> written = new CompletableFuture<>();
        FutureTask<Duration> task = new FutureTask<>(timed(write));
        threads.execute(() -> run(what, task, written));
        return written;
    }

    private static Callable<Duration> timed(Write write) {
        return () -> {
            long start = System.nanoTime();
            write.run();
            return Duration.ofNanos(System.nanoTime() - start);
        };
    }

    @SuppressWarnings("Interruption") // the interrupt ends a write that nobody else waits for
    private void run(String what, FutureTask<Duration> task, CompletableFuture<Duration> written) {
        CompletableFuture<Void> limit = new CompletableFuture<>();
        var unused = limit.orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS).whenComplete((none, fault) -> {
            if (fault instanceof TimeoutException) {
                // Before the interrupt, which the thread may ignore.
                written.completeExceptionally(
                        failed(what, "it took longer than payload-timeout, " + timeout.toMillis() + " ms"));
                task.cancel(true);
            }
        });
        task.run();
        limit.complete(null);
        try {
            written.complete(task.get());
        } catch (ExecutionException e) {
            if (!threads.isShutdown()) {
                LOG.warn("{} could not be written", what, e.getCause());
            }
            written.completeExceptionally(failed(what, String.valueOf(e.getCause())));
        } catch (CancellationException | InterruptedException e) {
            written.completeExceptionally(failed(what, "it was interrupted"));
        }
    }

    /** Has no cause: the console shows the innermost cause of a job's failure only, and this one says what failed. */
    private static IllegalStateException failed(String what, String why) {
        return new IllegalStateException(what + " could not be written: " + why
                + "; check that the store of payload-folder answers and that the job may write to it. The job tries again"
                + " after its restart");
    }

    /** Does not wait for the writes that it interrupts: they read heap memory, which nothing frees. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
