package io.zoetrope.ffmpeg;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * The one thread that opens and closes encoders of SVT-AV1, for both touch more than the encoder.
 *
 * <ul>
 *   <li>All encoders of a process share one list of processors, which each opening writes and each closing frees: two at
 *       once crash the process, most often within a hundred videos. Encoding does not touch the list, so videos are
 *       encoded side by side all the same.
 *   <li>For the superuser, an opening turns its thread into a real-time one (SCHED_FIFO, 99), for good. That shall not
 *       be a thread that runs anything else.
 * </ul>
 */
final class SvtAv1 {
    /** Ends when idle. Each caller waits for his turn, so no more wait than there are threads that encode. */
    private static final ThreadPoolExecutor THREAD =
            new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread thread = new Thread(task, "svt-av1");
                thread.setDaemon(true);
                return thread;
            });

    static {
        THREAD.allowCoreThreadTimeOut(true);
    }

    private SvtAv1() {}

    /** Opens or closes an encoder; deaf to interrupts, for neither can be left half-way. */
    static int inTurn(IntSupplier call) {
        Future<Integer> result = THREAD.submit(call::getAsInt);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("an encoder of SVT-AV1 can be neither opened nor closed", e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
