package io.zoetrope.ffmpeg;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntSupplier;

/**
 * What encoders of SVT-AV1 in one process do to each other, and how it is kept from them.
 *
 * <ul>
 *   <li>An opening writes tables that all encoders read, and a list of processors that all closings free: beside another
 *       opening or closing it crashes the process within a hundred videos, beside an encoding within twenty thousand.
 *       So openings and closings have the library to themselves; encodings share it.
 *   <li>For the superuser, an opening turns its thread into a real-time one (SCHED_FIFO, 99), for good. So openings and
 *       closings have a thread that runs nothing else.
 * </ul>
 */
final class SvtAv1 {
    /** Fair, so that openings which wait for an encoding to end all run then, and their encodings side by side. */
    private static final ReentrantReadWriteLock LIBRARY = new ReentrantReadWriteLock(true);

    /** Ends when idle. Its queue never holds more than one call: that of the lock's owner. */
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

    /** Opens or closes an encoder while no other is opened, closed or at work. */
    static int exclusively(IntSupplier call) {
        LIBRARY.writeLock().lock();
        try {
            return await(CompletableFuture.supplyAsync(call::getAsInt, THREAD));
        } finally {
            LIBRARY.writeLock().unlock();
        }
    }

    /** Encodes beside others that encode. */
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
            throw new IllegalStateException("an encoder of SVT-AV1 can be neither opened nor closed", e.getCause());
        }
    }
}
