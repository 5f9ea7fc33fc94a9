package io.zoetrope.ffmpeg;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntSupplier;

/**
 * The locking that keeps encoders of SVT-AV1 in one process from harming each other.
 *
 * <ul>
 *   <li>Opening an encoder writes tables that all encoders read, and a list of processors that closing any encoder
 *       frees. During another opening or closing, this crashes the process within a hundred videos; during an encoding,
 *       within twenty thousand. So opening and closing lock the library exclusively, and encodings share it.
 *   <li>For the superuser, opening turns its thread into a real-time thread (SCHED_FIFO, 99) permanently. So opening
 *       and closing run on a thread that runs nothing else.
 * </ul>
 */
final class SvtAv1 {
    /**
     * The lock of the library. It is fair, so that all openings that wait for an encoding run when it ends, and then
     * their encodings run in parallel.
     */
    private static final ReentrantReadWriteLock LIBRARY = new ReentrantReadWriteLock(true);

    /**
     * The thread of openings and closings, which ends when idle. Its queue holds at most the call of the lock's owner.
     */
    private static final ThreadPoolExecutor THREAD =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(1), task -> {
                Thread thread = new Thread(task, "svt-av1");
                thread.setDaemon(true);
                return thread;
            });

    static {
        THREAD.allowCoreThreadTimeOut(true);
    }

    private SvtAv1() {}

    /** Opens or closes an encoder while no other encoder is being opened or closed or is encoding. */
    static int exclusively(IntSupplier call) {
        LIBRARY.writeLock().lock();
        try {
            return await(CompletableFuture.supplyAsync(call::getAsInt, THREAD));
        } finally {
            LIBRARY.writeLock().unlock();
        }
    }

    /** Runs an encoding, in parallel with other encodings. */
    static void shared(Runnable encoding) {
        LIBRARY.readLock().lock();
        try {
            encoding.run();
        } finally {
            LIBRARY.readLock().unlock();
        }
    }

    /** Waits for an opening or closing without reacting to interrupts: neither can be left half done. */
    private static int await(CompletableFuture<Integer> call) {
        try {
            return call.join();
        } catch (CompletionException e) {
            throw new IllegalStateException("an encoder of SVT-AV1 could not be opened or closed", e.getCause());
        }
    }
}
